using System.Collections.Frozen;

namespace Servo.Domain;

/// <summary>
/// The names of variables that no caller may set, as variables are not signed: by setting one a replayed request could have other code run, or send a
/// script's secrets elsewhere. docs/decisions/0012-variables-that-steer.md has the reasons.
/// </summary>
internal static class SteeringVariables
{
    private static readonly Class[] _classes =
    [
        new("how programs are found and Servo reaches them",
            names: "PATH PATHEXT SHELL CALLBACK PWD OLDPWD", beginnings: "SERVO_", isGatewaysOwn: true),
        new("the loader and the C library",
            names: """
                LOCPATH NLSPATH I18NPATH TZDIR GETCONF_DIR LIBPATH SHLIB_PATH LIBRARY_PATH LOCALDOMAIN HOSTALIASES RES_OPTIONS
                LANG LANGUAGE TEXTDOMAINDIR
                """,
            beginnings: """
                LD_ DYLD_ GLIBC_ LIBC_ MUSL_ MALLOC JEMALLOC _RJEM_ TCMALLOC_ GCONV_ RESOLV_ HES_ HESIOD_ NSS_ LC_ GCOV_ LLVM_ VALGRIND_ SEGFAULT_
                PCPROFILE_ QEMU_
                """,
            ends: "SAN_OPTIONS _PRELOAD _LIBRARY _LIBRARY_PATH _LIBRARIES_PATH _LIBRARY_DIR _LIB_PATH _LIB_DIR _LIBPATH",
            isGatewaysOwn: true),
        new("an interpreter",
            names: """
                CLASSPATH MYPYPATH DJANGO_SETTINGS_MODULE VIRTUAL_ENV AWKPATH AWKLIBPATH TCLLIBPATH IRBRC JAVACMD JAVACMD_FILE PLTADDONDIR PLTCOLLECTS
                COVERAGE_PROCESS_START COVERAGE_PROCESS_CONFIG COVERAGE_RCFILE MATPLOTLIBRC
                """,
            beginnings: """
                PYTHON PYTEST PYENV_ PYPY PYSPARK_ PYLINT PYDEVD_ IPYTHON JUPYTER_ FLASK_ WERKZEUG_ PERL RUBY NODE_ DENO_ BUN_ PHP LUA TCL_ R_ JULIA_
                OCTAVE_ GUILE_ ERL_ ELIXIR_ MIX_ HEX_ OCAML CAML GHC JAVA_ _JAVA JDK_ JRE_ JVM_ CATALINA_ DOTNET_ COMPLUS_ CORECLR_ COR_ MONO_
                ASPNETCORE_ JRUBY_ GROOVY_ SCALA_ KOTLIN_ CLOJURE_ LEIN_ ELECTRON_ MPL CELERY_ GUNICORN_ UVICORN_ UWSGI_
                """,
            ends: "_CLASSPATH _EXECUTABLE _INTERPRETER",
            isGatewaysOwn: true),
        new("a program by its options, its settings, or what it loads or starts",
            names: "CONFIG_SITE",
            ends: """
                OPTS _OPT _OPTIONS _ARGS FLAGS _CONFIG _CONFIG_FILE _CONFIGFILE _CONFIG_PATH _CONFIG_DIR _CONFIG_HOME _CONF _CONF_FILE _CONF_DIR _CONFDIR
                _RC _RCFILE _RC_FILE _HOME _SETTINGS_MODULE _CONFIG_MODULE _MODULE_PATH _MODULES_PATH _MODULE_DIR _MODULES_DIR _PLUGIN _PLUGINS
                _PLUGIN_PATH _PLUGINS_PATH _PLUGIN_DIR _PLUGINS_DIR _DRIVERS_PATH _DRIVER_PATH _LAYER_PATH _EXTENSION_DIR _EXTENSIONS_DIR _COMMAND _CMD
                _RSH _SHELL _WRAPPER _EXTERNAL_DIFF
                """),
        new("a library that loads others",
            names: "FREI0R_PATH FFREPORT GS_LIB PROJ_LIB PROJ_DATA",
            beginnings: """
                MESOS_ LIBMYSQL_ HWLOC_ OMPI_ PMIX_ PRTE_ HYDRA_ UCX_ NCCL_ CUDA_ SLURM_ HADOOP_ SPARK_ HIVE_ HBASE_ VK_ OCL_ OPENCL_ LIBGL_ MESA_ LIBVA_
                VDPAU_ EGL_ __EGL_ __GLX_ SDL_ ALSA_ PULSE_ LADSPA_ LV2_ FONTCONFIG_ GDK_ GI_ GSETTINGS_ MAGICK_ GDAL_ ODBC OTEL_ SENTRY_ DD_ NEW_RELIC_
                """),
        new("a package manager, a build tool or a deployment tool",
            names: """
                CC CXX CPP FC AR AS NM RANLIB STRIP CFLAGS CXXFLAGS CPPFLAGS LDFLAGS CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH COMPILER_PATH
                MAKE MAKEFLAGS MAKEFILES MAKESHELL MFLAGS GNUMAKEFLAGS GOFLAGS GOPATH GOROOT GOENV GODEBUG GOBIN GOPROXY GOSUMDB GONOSUMDB GONOSUMCHECK
                GONOPROXY GOPRIVATE GOINSECURE GOTOOLCHAIN GOWORK GOCACHE GOMODCACHE GOTMPDIR GOVCS
                ACLOCAL ACLOCAL_PATH AUTOCONF AUTOHEADER AUTOM4TE AUTOMAKE M4 M4PATH STACK_YAML STACK_ROOT PUB_HOSTED_URL PUB_CACHE
                TEXINPUTS BIBINPUTS BSTINPUTS MFINPUTS
                """,
            beginnings: """
                GEM_ BUNDLE_ BUNDLER_ RAKE NPM_ YARN_ PNPM_ COREPACK_ PIP_ PIPX_ PIPENV_ POETRY_ UV_ CONDA_ VIRTUALENV_ TOX_ NOX_ COMPOSER_
                MAVEN_ MVN_ M2_ GRADLE_ ANT_ SBT_ CARGO_ RUST NUGET_ MSBUILD CMAKE_ PKG_CONFIG GCC_ CGO_ NIX_ APT_ DPKG_ DEBCONF_ RPM_ HOMEBREW_ OPAM
                CABAL_ CONAN_ VCPKG_ BAZEL CCACHE_ SCCACHE_ DISTCC_ NVM_ RBENV_ ASDF_ MISE_ SDKMAN_ FLUTTER_ TEXMF
                ANSIBLE_ TF_ TERRAGRUNT_ PULUMI_ PACKER_ VAGRANT_ CHEF_ KNIFE_ PUPPET_ FACTER_ CYPRESS_ PLAYWRIGHT_ PUPPETEER_ CHROME_
                """),
        new("a shell or its tools",
            names: """
                ENV IFS PS0 PS1 PS2 PS3 PS4 SHELLOPTS PROMPT_COMMAND CDPATH FPATH ZDOTDIR GLOBIGNORE EXECIGNORE FIGNORE FCEDIT INPUTRC HISTFILE
                POSIXLY_CORRECT TMOUT TERM TERMCAP MANPATH TAR_OPTIONS GREP_OPTIONS GZIP XZ_OPT XZ_DEFAULTS ZIPOPT UNZIP UNZIPOPT BZIP BZIP2
                SCREENRC MAILRC MAILCAPS
                """,
            beginnings: "BASH ZSH KSH TERMINFO FZF_ SYSTEMD_ PARALLEL_",
            isGatewaysOwn: true),
        new("a cloud, a cluster or a container engine: which one is meant, and with whose rights",
            names: "GCE_METADATA_HOST GCE_METADATA_ROOT GCE_METADATA_IP BOTO_CONFIG HCLOUD_TOKEN",
            beginnings: """
                DOCKER_ CONTAINER_ CONTAINERS_ CONTAINERD_ BUILDKIT_ BUILDX_ BUILDAH_ PODMAN_ NERDCTL_ CNI_ REGISTRY_AUTH COMPOSE_ KUBE HELM KUSTOMIZE_
                ARGOCD_ AWS_ AZURE_ ARM_ CLOUDSDK_ GOOGLE_ GCLOUD_ OCI_CLI_ OS_ VAULT_ CONSUL_ NOMAD_ LIBVIRT_ VIRSH_ LXD_ INCUS_ HEROKU_ GH_
                """),
        new("a database's client or a store's",
            names: "FREETDS FREETDSCONF SQLPATH TWO_TASK ORACLE_PATH",
            beginnings: "PG PSQL MYSQL_ MARIADB_ TNS_ ORA_ TDS SQLCMD DB2 SQLITE_ REDISCLI_ RCLONE_ MC_HOST_ MC_CONFIG RESTIC_ BORG_"),
        new("TLS, or where credentials are and whom they are for",
            names: "LDAPCONF LDAPRC NETRC SASL_PATH SASL_CONF_PATH GNUPGHOME GPG_AGENT_INFO TLS_VERIFY",
            beginnings: "SSL OPENSSL GNUTLS_ MOZ_ CURL_ WGET HTTPLIB2_ KRB5 GSS_ LDAPTLS SOPS_",
            ends: """
                _CA_BUNDLE _CA_CERT _CA_CERTS _CACERT _CACERTS _CAFILE _CA_FILE _CAPATH _CA_PATH _CA_DIR _CERT_FILE _CERT_DIR _SSL_ROOTS_FILE_PATH
                _TLS_VERIFY _SSL_VERIFY _VERIFY_SSL _VERIFY_TLS _SSL_NO_VERIFY _SKIP_VERIFY _SSL_BACKEND KEYLOGFILE
                _AUTH_FILE _CREDENTIALS_FILE _TOKEN_FILE _KEY_FILE _PASSWORD_FILE _PASSFILE _KEYRING
                """),
        new("proxies", beginnings: "SOCKS PROXYCHAINS_", ends: "_PROXY"),
        new("version control", beginnings: "GIT_ HG SVN_ CVS BZR_ RSYNC_ P4"),
        new("ssh, a pager, an editor or a browser",
            names: "VISUAL DISPLAY XAUTHORITY LESS MORE BROWSER VIMINIT EXINIT MYVIMRC VIMRUNTIME",
            beginnings: "SSH_ SUDO_ LESSOPEN LESSCLOSE LESSKEY EMACS NVIM_ DBUS_ GTK_ QT_ GIO_ GST_",
            ends: "PAGER EDITOR ASKPASS _BROWSER"),
        new("where the user's files and temporary ones are",
            names: "HOME TMP TEMP TMPDIR TEMPDIR TMPPREFIX USERPROFILE APPDATA LOCALAPPDATA",
            beginnings: "XDG_",
            ends: "_TMPDIR"),
    ];

    // What deployments call their own. No program reads most of these, and the others choose a place among those that a script can reach anyway.
    private static readonly Class _harmless = new(
        "nothing",
        names: """
            GIT_COMMIT GIT_BRANCH GIT_TAG GIT_SHA GIT_REVISION GIT_URL GIT_REPOSITORY GIT_LOCAL_BRANCH GIT_PREVIOUS_COMMIT JAVA_VERSION
            NODE_ENV NODE_NAME NODE_COUNT NODE_VERSION NODE_PORT NODE_POOL NODE_GROUP NODE_TYPE NODE_IP NODE_HOST NODE_SELECTOR
            DOTNET_ENVIRONMENT ASPNETCORE_ENVIRONMENT FLASK_ENV MIX_ENV SSL_ENABLED SSH_HOST SSH_USER SSH_PORT
            FLAGS FEATURE_FLAGS OPTS DEPLOY_OPTS DEPLOY_OPTIONS DEPLOY_ARGS DEPLOY_FLAGS DEPLOY_CONFIG APP_CONFIG APP_HOME SERVICE_CONFIG POD_CONFIG
            DOCKER_TAG DOCKER_IMAGE DOCKER_IMAGE_TAG DOCKER_IMAGE_NAME DOCKER_REGISTRY DOCKER_REPOSITORY DOCKER_REPO DOCKER_ORG
            CONTAINER_NAME CONTAINER_IMAGE CONTAINER_TAG CONTAINER_PORT CONTAINER_ID CONTAINER_COUNT CONTAINER_VERSION CONTAINER_REGISTRY
            COMPOSE_PROJECT_NAME KUBE_NAMESPACE KUBERNETES_NAMESPACE KUBE_VERSION KUBERNETES_VERSION KUBE_CLUSTER KUBE_DEPLOYMENT
            HELM_RELEASE HELM_CHART HELM_CHART_VERSION HELM_VERSION HELM_NAMESPACE
            AWS_REGION AWS_DEFAULT_REGION AWS_PROFILE AWS_ACCOUNT AWS_ACCOUNT_ID AZURE_REGION AZURE_LOCATION AZURE_RESOURCE_GROUP
            GOOGLE_PROJECT GOOGLE_CLOUD_PROJECT GOOGLE_REGION GOOGLE_ZONE GCLOUD_PROJECT
            OS_NAME OS_VERSION OS_TYPE OS_FAMILY OS_ARCH OS_RELEASE OS_IMAGE OS_DISTRO
            PG_HOST PG_PORT PG_USER PG_DATABASE PG_PASSWORD PG_VERSION MYSQL_USER MYSQL_DATABASE MYSQL_PASSWORD MYSQL_VERSION
            OTEL_SERVICE_NAME OTEL_RESOURCE_ATTRIBUTES SENTRY_RELEASE SENTRY_ENVIRONMENT DD_ENV DD_SERVICE DD_VERSION
            SCALA_VERSION KOTLIN_VERSION GROOVY_VERSION SPARK_VERSION HADOOP_VERSION CUDA_VERSION CUDA_VISIBLE_DEVICES VAGRANT_BOX
            """,
        // The variables of a signed plan: its values, and nothing that Terraform or Nomad reads for itself.
        beginnings: "TF_VAR_ NOMAD_VAR_");

    // What the gateway sets for each run, and what it reads itself: a certificate's password is a setting of Kestrel.
    private static readonly Class _own = new(
        "a run's own folders, or the gateway's server", names: "HOME TMPDIR", beginnings: "KESTREL_", isGatewaysOwn: true);

    // Where something is on the gateway's machine, which its operator knows.
    private static readonly Class _operators = new("nothing", names: "JAVA_HOME JDK_HOME JRE_HOME DOTNET_ROOT NODE_EXTRA_CA_CERTS");

    /// <summary>What a variable of this name, in upper case, would steer; <see langword="null"/> where it is the scripts' own.</summary>
    public static string? TargetOf(string name) =>
        _harmless.Holds(name) ? null : _classes.FirstOrDefault(steering => steering.Holds(name))?.Target;

    /// <summary>What a variable of this name, in upper case, would steer; <see langword="null"/> where the operator may set it.</summary>
    public static string? OwnTargetOf(string name) =>
        _harmless.Holds(name) || _operators.Holds(name) ? null : Own.FirstOrDefault(steering => steering.Holds(name))?.Target;

    /// <summary>A name of this beginning, in upper case, that the operator may not set, and what it steers; ends do not count.</summary>
    public static (string Name, string Target)? OwnBelow(string beginning)
    {
        foreach (var steering in Own)
        {
            if (steering.Below(beginning) is { } name)
                return (name, steering.Target);
        }

        return null;
    }

    private static IEnumerable<Class> Own => _classes.Where(steering => steering.IsGatewaysOwn).Append(_own);

    private static FrozenSet<string> Words(string words) =>
        words.Split((char[])[' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    private sealed class Class(string target, string names = "", string beginnings = "", string ends = "", bool isGatewaysOwn = false)
    {
        private readonly FrozenSet<string> _names = Words(names);
        private readonly string[] _beginnings = [.. Words(beginnings)];
        private readonly string[] _ends = [.. Words(ends)];

        public string Target => target;

        /// <summary>Whether not even the gateway's operator sets such variables for scripts.</summary>
        public bool IsGatewaysOwn => isGatewaysOwn;

        public bool Holds(string name) =>
            _names.Contains(name)
            || _beginnings.Any(beginning => name.StartsWith(beginning, StringComparison.Ordinal))
            || _ends.Any(end => name.EndsWith(end, StringComparison.Ordinal));

        /// <summary>What it holds by name or beginning that begins so.</summary>
        public string? Below(string beginning) =>
            _beginnings.FirstOrDefault(own => Begins(own, beginning) || Begins(beginning, own)) is { } found
                ? $"{found}*"
                : _names.Order(StringComparer.Ordinal).FirstOrDefault(name => Begins(name, beginning) && OwnTargetOf(name) is not null);

        private static bool Begins(string name, string beginning) => name.StartsWith(beginning, StringComparison.Ordinal);
    }
}
