using CsCheck;

namespace Servo.Domain.Tests;

public sealed class RunVariablesTests
{
    [Theory]
    [InlineData("NAME", "NAME")]
    [InlineData("name", "NAME")]
    [InlineData("Under-Score", "UNDER_SCORE")]
    [InlineData("under_score", "UNDER_SCORE")]
    [InlineData("a.b-c", "A_B_C")]
    [InlineData("_", "_")]
    [InlineData("-x", "_X")]
    [InlineData("x1", "X1")]
    [InlineData("path2", "PATH2")]
    [InlineData("my-path", "MY_PATH")]
    [InlineData("pyth", "PYTH")]
    [InlineData("ld", "LD")]
    [InlineData("servo", "SERVO")]
    [InlineData("callback-url", "CALLBACK_URL")]
    [InlineData("environment", "ENVIRONMENT")]
    public void Names_become_what_scripts_see(string given, string seen) =>
        From((given, "value")).Value!.Single().ShouldBe(new KeyValuePair<string, string>(seen, "value"));

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1st")]
    [InlineData("a b")]
    [InlineData(" a")]
    [InlineData("a=b")]
    [InlineData("a$b")]
    [InlineData("a/b")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("é")]
    [InlineData("straße")]
    [InlineData("ﬁle")]
    [InlineData("a١")]
    public void A_name_that_is_no_identifier_is_malformed(string given) =>
        Malformed(given, "value").ShouldContain("is not an identifier");

    [Theory]
    [InlineData("PATH")]
    [InlineData("path")]
    [InlineData("Path")]
    [InlineData("HOME")]
    [InlineData("BASH_ENV")]
    [InlineData("bash-env")]
    [InlineData("bash.env")]
    [InlineData("ENV")]
    [InlineData("IFS")]
    [InlineData("CALLBACK")]
    [InlineData("callback")]
    [InlineData("LD_PRELOAD")]
    [InlineData("ld-library-path")]
    [InlineData("LD_")]
    [InlineData("PYTHON")]
    [InlineData("pythonpath")]
    [InlineData("Python-Startup")]
    [InlineData("SERVO_")]
    [InlineData("servo.portal-token")]
    public void A_reserved_name_is_malformed_however_it_is_written(string given) =>
        Malformed(given, "value").ShouldContain("is reserved");

    [Theory]
    [InlineData("OPENSSL_CONF")]
    [InlineData("openssl-modules")]
    [InlineData("SSL_CERT_FILE")]
    [InlineData("SSLKEYLOGFILE")]
    [InlineData("REQUESTS_CA_BUNDLE")]
    [InlineData("CURL_CA_BUNDLE")]
    [InlineData("AWS_CA_BUNDLE")]
    [InlineData("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH")]
    [InlineData("KUBECONFIG")]
    [InlineData("DYLD_INSERT_LIBRARIES")]
    [InlineData("GLIBC_TUNABLES")]
    [InlineData("MALLOC_CONF")]
    [InlineData("GCONV_PATH")]
    [InlineData("LOCPATH")]
    [InlineData("LC_ALL")]
    [InlineData("HOSTALIASES")]
    [InlineData("RES_OPTIONS")]
    [InlineData("LOCALDOMAIN")]
    [InlineData("PERL5OPT")]
    [InlineData("RUBYOPT")]
    [InlineData("NODE_OPTIONS")]
    [InlineData("NODE_EXTRA_CA_CERTS")]
    [InlineData("JAVA_TOOL_OPTIONS")]
    [InlineData("_JAVA_OPTIONS")]
    [InlineData("JDK_JAVA_OPTIONS")]
    [InlineData("CLASSPATH")]
    [InlineData("PHPRC")]
    [InlineData("PHP_INI_SCAN_DIR")]
    [InlineData("LUA_INIT")]
    [InlineData("PYTEST_ADDOPTS")]
    [InlineData("GEM_HOME")]
    [InlineData("BUNDLE_GEMFILE")]
    [InlineData("npm-config-script-shell")]
    [InlineData("pip.index.url")]
    [InlineData("UV_INDEX_URL")]
    [InlineData("DOTNET_STARTUP_HOOKS")]
    [InlineData("COMPlus_Enable")]
    [InlineData("CORECLR_PROFILER")]
    [InlineData("BASHOPTS")]
    [InlineData("PS4")]
    [InlineData("SHELLOPTS")]
    [InlineData("PROMPT_COMMAND")]
    [InlineData("CDPATH")]
    [InlineData("ZDOTDIR")]
    [InlineData("TAR_OPTIONS")]
    [InlineData("MAKEFLAGS")]
    [InlineData("ANSIBLE_CONFIG")]
    [InlineData("http-proxy")]
    [InlineData("ALL_PROXY")]
    [InlineData("NO_PROXY")]
    [InlineData("GIT_SSH_COMMAND")]
    [InlineData("GIT_CONFIG_COUNT")]
    [InlineData("SSH_ASKPASS")]
    [InlineData("SSH_AUTH_SOCK")]
    [InlineData("PAGER")]
    [InlineData("GIT_PAGER")]
    [InlineData("KUBE_EDITOR")]
    [InlineData("VISUAL")]
    [InlineData("LESSOPEN")]
    [InlineData("TMP")]
    [InlineData("TEMP")]
    [InlineData("TMPDIR")]
    [InlineData("XDG_CONFIG_HOME")]
    [InlineData("LANG")]
    public void A_name_that_steers_a_program_is_reserved(string given) => Malformed(given, "value").ShouldContain("is reserved: it steers ");

    [Theory]
    [InlineData("KUBECTL_EXTERNAL_DIFF")]
    [InlineData("BORG_RSH")]
    [InlineData("CCACHE_PREFIX")]
    [InlineData("FZF_DEFAULT_COMMAND")]
    [InlineData("APT_CONFIG")]
    [InlineData("MIX_EXS")]
    [InlineData("MPLBACKEND")]
    [InlineData("CELERY_CONFIG_MODULE")]
    [InlineData("GUNICORN_CMD_ARGS")]
    [InlineData("JRUBY_OPTS")]
    [InlineData("GROOVY_OPTS")]
    [InlineData("SCALA_OPTS")]
    [InlineData("KOTLIN_OPTS")]
    [InlineData("LEIN_JVM_OPTS")]
    [InlineData("CAML_LD_LIBRARY_PATH")]
    [InlineData("MESOS_NATIVE_JAVA_LIBRARY")]
    [InlineData("LIBMYSQL_PLUGINS")]
    [InlineData("HWLOC_PLUGINS_PATH")]
    [InlineData("VK_ICD_FILENAMES")]
    [InlineData("OCL_ICD_VENDORS")]
    [InlineData("GI_TYPELIB_PATH")]
    [InlineData("MAGICK_CODER_MODULE_PATH")]
    [InlineData("ODBCSYSINI")]
    [InlineData("ELECTRON_RUN_AS_NODE")]
    [InlineData("PACKER_PLUGIN_PATH")]
    [InlineData("CONFIG_SITE")]
    public void A_name_that_has_a_program_run_or_load_code_is_reserved(string given) => Malformed(given, "value").ShouldContain("is reserved: it steers ");

    // What a script sends its secrets to, and whose rights it uses.
    [Theory]
    [InlineData("DOCKER_HOST")]
    [InlineData("CONTAINER_HOST")]
    [InlineData("BUILDKIT_HOST")]
    [InlineData("CONTAINERS_CONF")]
    [InlineData("REGISTRY_AUTH_FILE")]
    [InlineData("COMPOSE_FILE")]
    [InlineData("KUBERNETES_MASTER")]
    [InlineData("KUBE_CONFIG_PATH")]
    [InlineData("HELM_KUBEAPISERVER")]
    [InlineData("AWS_ENDPOINT_URL")]
    [InlineData("CLOUDSDK_CONFIG")]
    [InlineData("GOOGLE_APPLICATION_CREDENTIALS")]
    [InlineData("VAULT_ADDR")]
    [InlineData("CONSUL_HTTP_ADDR")]
    [InlineData("NOMAD_ADDR")]
    [InlineData("OS_AUTH_URL")]
    [InlineData("OS_CLIENT_CONFIG_FILE")]
    [InlineData("RCLONE_CONFIG")]
    [InlineData("MC_CONFIG_DIR")]
    [InlineData("MYSQL_HOME")]
    [InlineData("PGHOST")]
    [InlineData("PGOPTIONS")]
    [InlineData("TNS_ADMIN")]
    [InlineData("ODBCINI")]
    [InlineData("LIBVIRT_DEFAULT_URI")]
    [InlineData("BAZELISK_BASE_URL")]
    public void A_name_that_says_where_a_program_connects_and_as_whom_is_reserved(string given) =>
        Malformed(given, "value").ShouldContain("is reserved: it steers ");

    [Theory]
    [InlineData("AWS_SHARED_CREDENTIALS_FILE")]
    [InlineData("AWS_ENDPOINT_URL_S3")]
    [InlineData("AWS_WEB_IDENTITY_TOKEN_FILE")]
    [InlineData("DOCKER_CONFIG")]
    [InlineData("DOCKER_CONTEXT")]
    [InlineData("AZURE_CONFIG_DIR")]
    [InlineData("GCE_METADATA_HOST")]
    [InlineData("BOTO_CONFIG")]
    [InlineData("PGPASSFILE")]
    [InlineData("PSQLRC")]
    [InlineData("MYSQL_HOST")]
    [InlineData("MC_HOST_prod")]
    [InlineData("SQLCMDINI")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT")]
    [InlineData("TF_CLI_CONFIG_FILE")]
    [InlineData("TF_DATA_DIR")]
    [InlineData("HELM_PLUGINS")]
    [InlineData("VAGRANT_HOME")]
    [InlineData("SPARK_CONF_DIR")]
    public void Other_names_of_those_families_are_reserved(string given) => Malformed(given, "value").ShouldContain("is reserved: it steers ");

    // Programs that nobody here has heard of name their variables like those that everybody knows.
    [Theory]
    [InlineData("UNHEARD_OF_OPTS")]
    [InlineData("UNHEARD_OF_OPTIONS")]
    [InlineData("UNHEARD_OF_ARGS")]
    [InlineData("JVMFLAGS")]
    [InlineData("UNHEARD_OF_RSH")]
    [InlineData("UNHEARD_OF_EDITOR")]
    [InlineData("UNHEARD_OF_PAGER")]
    [InlineData("UNHEARD_OF_PLUGINS")]
    [InlineData("UNHEARD_OF_PLUGIN_PATH")]
    [InlineData("UNHEARD_OF_MODULE_PATH")]
    [InlineData("UNHEARD_OF_LIBRARY_PATH")]
    [InlineData("UNHEARD_OF_CONFIG")]
    [InlineData("UNHEARD_OF_CONFIG_FILE")]
    [InlineData("UNHEARD_OF_HOME")]
    [InlineData("UNHEARD_OF_COMMAND")]
    [InlineData("UNHEARD_OF_CREDENTIALS_FILE")]
    public void A_name_with_an_end_that_programs_give_to_such_variables_is_reserved(string given) =>
        Malformed(given, "value").ShouldContain("is reserved: it steers ");

    [Theory]
    [InlineData("VERSION")]
    [InlineData("TARGET")]
    [InlineData("ENVIRONMENT")]
    [InlineData("STAGE")]
    [InlineData("BUILD_NUMBER")]
    [InlineData("BUILD_URL")]
    [InlineData("JOB_NAME")]
    [InlineData("GIT_COMMIT")]
    [InlineData("GIT_BRANCH")]
    [InlineData("AWS_REGION")]
    [InlineData("AWS_PROFILE")]
    [InlineData("DOCKER_TAG")]
    [InlineData("DOCKER_IMAGE")]
    [InlineData("KUBE_NAMESPACE")]
    [InlineData("HELM_RELEASE")]
    [InlineData("TF_VAR_REGION")]
    [InlineData("NODE_ENV")]
    [InlineData("NODE_COUNT")]
    [InlineData("PODS")]
    [InlineData("REPLICAS")]
    [InlineData("DEPLOY_PATH")]
    [InlineData("CONFIG_PATH")]
    [InlineData("FEATURE_FLAGS")]
    [InlineData("DB_HOST")]
    [InlineData("LOG_LEVEL")]
    [InlineData("TLS_SECRET_NAME")]
    [InlineData("REQUESTS_CPU")]
    [InlineData("HISTORY_DAYS")]
    [InlineData("MAKE_RELEASE")]
    [InlineData("GOAL")]
    [InlineData("RELEASE")]
    [InlineData("RESOURCE_GROUP")]
    [InlineData("LEASE")]
    [InlineData("TEMPLATE")]
    [InlineData("USER")]
    [InlineData("TZ")]
    [InlineData("PG_HOST")]
    [InlineData("MYSQL_DATABASE")]
    [InlineData("ZONE")]
    [InlineData("WHO")]
    [InlineData("X.Y-Z")]
    [InlineData("API_URL")]
    [InlineData("API_ENDPOINT")]
    [InlineData("S3_BUCKET")]
    [InlineData("SERVICE_URL")]
    [InlineData("DOCKER_REGISTRY")]
    [InlineData("CONTAINER_IMAGE")]
    [InlineData("CONTAINERS")]
    [InlineData("HELM_CHART_VERSION")]
    [InlineData("AWS_ACCOUNT_ID")]
    [InlineData("GOOGLE_PROJECT")]
    [InlineData("OS_VERSION")]
    [InlineData("NOMAD_VAR_COUNT")]
    [InlineData("MIX_ENV")]
    [InlineData("TF_VAR_HTTP_PROXY")]
    [InlineData("DEPLOY_OPTIONS")]
    [InlineData("FLAGS")]
    [InlineData("OPTIONS")]
    [InlineData("ARGS")]
    [InlineData("CONFIG")]
    [InlineData("COMMAND")]
    [InlineData("EDITION")]
    [InlineData("PLUGIN")]
    [InlineData("JENKINS_URL")]
    [InlineData("GITHUB_SHA")]
    [InlineData("CI_COMMIT_SHA")]
    [InlineData("KAFKA_BROKER")]
    [InlineData("REDIS_HOST")]
    [InlineData("IMAGE_PREFIX")]
    [InlineData("PAGE_SIZE")]
    [InlineData("POSTGRES_HOST")]
    [InlineData("AUTHOR")]
    public void A_deployments_own_variable_keeps_working(string name) =>
        From((name, "value")).Value!.Single().Key.ShouldBe(name.Replace('.', '_').Replace('-', '_'));

    // Dotless and dotted i, long s and the Kelvin sign are letters that some rules of case turn into ASCII ones.
    [Theory]
    [InlineData("ıfs")]
    [InlineData("İFS")]
    [InlineData("ſervo-x")]
    [InlineData("ſ")]
    [InlineData("callbac\u212A")]
    public void No_foreign_letter_becomes_a_plain_one(string given) =>
        Malformed(given, "value").ShouldContain("is not an identifier");

    [Theory]
    [InlineData("")]
    [InlineData(" inner  blanks ")]
    [InlineData("$(rm -rf /); `x` \"'\\")]
    [InlineData("a=b")]
    [InlineData("two\nlines")]
    [InlineData("größe €")]
    public void Values_are_kept_as_they_are(string value) =>
        From(("A", value)).Value!.Single().Value.ShouldBe(value);

    [Fact]
    public void A_nul_in_a_value_is_malformed_and_the_value_is_not_told()
    {
        var detail = Malformed("TOKEN", "s3cr3t\0");

        detail.ShouldContain("TOKEN");
        detail.ShouldNotContain("s3cr3t");
    }

    [Fact]
    public void The_last_of_equal_names_wins() =>
        From(("a-b", "1"), ("A.B", "2"), ("a_B", "3")).Value!.Single().ShouldBe(new KeyValuePair<string, string>("A_B", "3"));

    [Fact]
    public void One_bad_name_among_good_ones_is_enough() =>
        From(("A", "1"), ("PATH", "2"), ("B", "3")).Refusal.ShouldBeOfType<Refusal.Malformed>();

    [Fact]
    public void Names_come_in_ordinal_order() =>
        From(("b", ""), ("_", ""), ("a2", ""), ("a10", "")).Value!.Select(pair => pair.Key).ShouldBe(["A10", "A2", "B", "_"]);

    [Fact]
    public void None_is_empty()
    {
        RunVariables.None.ShouldBeEmpty();
        RunVariables.None.Count.ShouldBe(0);
        From().Value!.Count.ShouldBe(0);
    }

    [Fact]
    public void Every_name_that_is_taken_is_an_identifier_in_upper_case_and_not_reserved() =>
        Gen.OneOf(Gen.String, Gen.Char["pathPYTHONifsldser_-.ıſvo0"].Array[0, 8].Select(chars => new string(chars))).Sample(given =>
        {
            if (!From((given, "")).TryGet(out var variables, out _))
                return true;

            var name = variables.Single().Key;

            return name.All(c => c is (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_')
                && !char.IsAsciiDigit(name[0])
                && name is not ("PATH" or "HOME" or "BASH_ENV" or "ENV" or "IFS" or "CALLBACK")
                && !name.StartsWith("LD_", StringComparison.Ordinal)
                && !name.StartsWith("PYTHON", StringComparison.Ordinal)
                && !name.StartsWith("SERVO_", StringComparison.Ordinal);
        });

    private static Result<RunVariables> From(params (string Name, string Value)[] pairs) =>
        RunVariables.From(pairs.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)));

    private static string Malformed(string name, string value) =>
        From((name, value)).Refusal.ShouldBeOfType<Refusal.Malformed>().Detail;
}
