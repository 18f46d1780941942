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
    [InlineData("PGHOST")]
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
    public void A_deployments_own_variable_keeps_working(string name) => From((name, "value")).Value!.Single().Key.ShouldBe(name);

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
        From(("A", "1"), ("PATH", "2"), ("B", "3")).Rejection.ShouldBeOfType<Rejection.Malformed>();

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
        From((name, value)).Rejection.ShouldBeOfType<Rejection.Malformed>().Detail;
}
