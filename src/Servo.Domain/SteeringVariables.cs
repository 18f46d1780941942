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
        new("how programs are found and Servo reaches them", names: "PATH PATHEXT SHELL CALLBACK PWD OLDPWD", beginnings: "SERVO_"),
        new("the loader and the C library",
            names: """
                LOCPATH NLSPATH I18NPATH TZDIR GETCONF_DIR LIBPATH SHLIB_PATH LIBRARY_PATH LOCALDOMAIN HOSTALIASES RES_OPTIONS
                LANG LANGUAGE TEXTDOMAINDIR
                """,
            beginnings: """
                LD_ DYLD_ GLIBC_ LIBC_ MUSL_ MALLOC JEMALLOC _RJEM_ TCMALLOC_ GCONV_ RESOLV_ HES_ HESIOD_ NSS_ LC_ GCOV_ LLVM_ VALGRIND_ SEGFAULT_
                PCPROFILE_
                """,
            ends: "SAN_OPTIONS"),
        new("an interpreter",
            names: """
                CLASSPATH MYPYPATH DJANGO_SETTINGS_MODULE VIRTUAL_ENV AWKPATH AWKLIBPATH TCLLIBPATH IRBRC
                COVERAGE_PROCESS_START COVERAGE_PROCESS_CONFIG COVERAGE_RCFILE
                """,
            beginnings: """
                PYTHON PYTEST PYENV_ PYPY PYSPARK_ PYLINT PYDEVD_ IPYTHON JUPYTER_ FLASK_ WERKZEUG_ PERL RUBY NODE_ DENO_ BUN_ PHP LUA TCL_ R_ JULIA_
                OCTAVE_ GUILE_ ERL_ ELIXIR_ OCAML GHC JAVA_ _JAVA JDK_ JRE_ JVM_ CATALINA_ DOTNET_ COMPLUS_ CORECLR_ COR_ MONO_ ASPNETCORE_
                """),
        new("a package manager, a build tool or a deployment tool",
            names: """
                CC CXX CPP CFLAGS CXXFLAGS CPPFLAGS LDFLAGS CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH COMPILER_PATH
                MAKE MAKEFLAGS MAKEFILES MAKESHELL MFLAGS GNUMAKEFLAGS GOFLAGS GOPATH GOROOT GOENV GODEBUG GOBIN GOPROXY GOSUMDB GONOSUMDB GONOSUMCHECK
                GONOPROXY GOPRIVATE GOINSECURE GOTOOLCHAIN GOWORK GOCACHE GOMODCACHE GOTMPDIR GOVCS
                TF_DATA_DIR AZURE_EXTENSION_DIR GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES
                """,
            beginnings: """
                GEM_ BUNDLE_ BUNDLER_ RAKE NPM_ YARN_ PNPM_ COREPACK_ PIP_ PIPX_ PIPENV_ POETRY_ UV_ CONDA_ VIRTUALENV_ TOX_ NOX_ COMPOSER_
                MAVEN_ MVN_ M2_ GRADLE_ ANT_ SBT_ CARGO_ RUST NUGET_ MSBUILD CMAKE_ PKG_CONFIG GCC_ NIX_ ANSIBLE_ TF_CLI_ TF_PLUGIN_ TF_REATTACH_
                CLOUDSDK_PYTHON HELM_PLUGINS HELM_BIN HELM_DATA_ HELM_CACHE_ HELM_CONFIG_
                """),
        new("a shell or its tools",
            names: """
                ENV IFS PS0 PS1 PS2 PS3 PS4 SHELLOPTS PROMPT_COMMAND CDPATH FPATH ZDOTDIR GLOBIGNORE EXECIGNORE FIGNORE FCEDIT INPUTRC HISTFILE
                POSIXLY_CORRECT TMOUT TERM TERMCAP MANPATH TAR_OPTIONS GREP_OPTIONS GZIP XZ_OPT XZ_DEFAULTS ZIPOPT UNZIP UNZIPOPT BZIP BZIP2
                """,
            beginnings: "BASH ZSH KSH TERMINFO"),
        new("TLS, or where credentials are and whom they are for",
            names: """
                KUBECONFIG DOCKER_CONFIG DOCKER_CERT_PATH AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE AZURE_CONFIG_DIR BOTO_CONFIG LDAPCONF LDAPRC NETRC
                PGPASSFILE PGSYSCONFDIR PGSERVICEFILE PSQLRC SASL_PATH SASL_CONF_PATH GNUPGHOME GPG_AGENT_INFO TLS_VERIFY
                """,
            beginnings: "SSL OPENSSL GNUTLS_ MOZ_ CURL_ WGET HTTPLIB2_ KRB5 GSS_ LDAPTLS PGSSL",
            ends: """
                _CA_BUNDLE _CA_CERT _CA_CERTS _CACERT _CACERTS _CAFILE _CA_FILE _CAPATH _CA_PATH _CA_DIR _CERT_FILE _CERT_DIR _SSL_ROOTS_FILE_PATH
                _TLS_VERIFY _SSL_VERIFY _VERIFY_SSL _VERIFY_TLS _SSL_NO_VERIFY _SKIP_VERIFY _SSL_BACKEND KEYLOGFILE
                """),
        new("proxies", beginnings: "SOCKS PROXYCHAINS_", ends: "_PROXY"),
        new("version control", beginnings: "GIT_ HG SVN_ CVS BZR_ RSYNC_"),
        new("ssh, a pager, an editor or a browser",
            names: "VISUAL DISPLAY XAUTHORITY LESS MORE BROWSER GH_BROWSER VIMINIT EXINIT MYVIMRC VIMRUNTIME",
            beginnings: "SSH_ SUDO_ LESSOPEN LESSCLOSE LESSKEY EMACS DBUS_ GTK_ QT_ GIO_ GST_",
            ends: "PAGER EDITOR ASKPASS"),
        new("where the user's files and temporary ones are",
            names: "HOME TMP TEMP TMPDIR TEMPDIR TMPPREFIX USERPROFILE APPDATA LOCALAPPDATA",
            beginnings: "XDG_",
            ends: "_TMPDIR"),
    ];

    // What deployments call their own: no program reads these, whatever it reads of their beginning.
    private static readonly FrozenSet<string> _harmless = Words("""
        GIT_COMMIT GIT_BRANCH GIT_TAG GIT_SHA GIT_REVISION GIT_URL GIT_REPOSITORY GIT_LOCAL_BRANCH GIT_PREVIOUS_COMMIT JAVA_VERSION
        NODE_ENV NODE_NAME NODE_COUNT NODE_VERSION NODE_PORT NODE_POOL NODE_GROUP NODE_TYPE NODE_IP NODE_HOST NODE_SELECTOR
        DOTNET_ENVIRONMENT ASPNETCORE_ENVIRONMENT FLASK_ENV SSL_ENABLED SSH_HOST SSH_USER SSH_PORT
        """);

    /// <summary>What a variable of this name, in upper case, would steer; <see langword="null"/> where it is the scripts' own.</summary>
    public static string? TargetOf(string name) =>
        _harmless.Contains(name) ? null : _classes.FirstOrDefault(steering => steering.Holds(name))?.Target;

    private static FrozenSet<string> Words(string words) =>
        words.Split((char[])[' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    private sealed class Class(string target, string names = "", string beginnings = "", string ends = "")
    {
        private readonly FrozenSet<string> _names = Words(names);
        private readonly string[] _beginnings = [.. Words(beginnings)];
        private readonly string[] _ends = [.. Words(ends)];

        public string Target => target;

        public bool Holds(string name) =>
            _names.Contains(name)
            || _beginnings.Any(beginning => name.StartsWith(beginning, StringComparison.Ordinal))
            || _ends.Any(end => name.EndsWith(end, StringComparison.Ordinal));
    }
}
