using CsCheck;

namespace Servo.Domain.Tests;

public sealed class CallbackTagTests
{
    [Theory]
    [InlineData("callback.raw")]
    [InlineData("report.json")]
    [InlineData("REPORT.JSON")]
    [InlineData("result.xml")]
    [InlineData("status")]
    [InlineData("done")]
    [InlineData("go")]
    [InlineData("node-1")]
    [InlineData("10.0.0.1")]
    [InlineData("10.0.0.1:8080")]
    [InlineData("ip-10-0-0-1.eu-west-1.compute.internal")]
    [InlineData("web.1.log")]
    [InlineData("v1.2.3-rc1")]
    [InlineData("2026-01-02T03:04:05.json")]
    [InlineData("logs.tar.gz")]
    [InlineData("build-7.ok")]
    [InlineData("build.log")]
    [InlineData("setup.txt")]
    [InlineData("Größe_ö.csv")]
    [InlineData("secret.yml.aes")]
    [InlineData("junit.xml")]
    [InlineData("metrics.csv")]
    [InlineData("test-results.xml")]
    [InlineData("web-1.json")]
    [InlineData("10.0.0.1.json")]
    [InlineData("report.2.json")]
    [InlineData("reply.json")]
    [InlineData("state.json")]
    [InlineData("READY")]
    [InlineData("tests.xml")]
    [InlineData("rows.jsonl")]
    [InlineData("page.html")]
    [InlineData("web.example.com")]
    [InlineData("x.txt")]
    public void Data_arrives_under_its_name(string tag) => CallbackTag.Parse(tag).Value!.Name.ShouldBe(tag);

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a\0b")]
    public void What_is_no_plain_file_name_is_malformed(string tag) => Malformed(tag).ShouldBe("A callback tag is one plain file name.");

    [Fact]
    public void A_name_is_as_long_as_a_file_system_takes_in_bytes()
    {
        CallbackTag.Parse(new string('a', 255)).Refusal.ShouldBeNull();
        Malformed(new string('a', 256));
        Malformed(new string('ö', 128));
    }

    // What the import systems of Python 2.7 and 3 find, and what they load or run when they start.
    [Theory]
    [InlineData("json.py")]
    [InlineData("JSON.PY")]
    [InlineData("json.Py")]
    [InlineData("json.pyc")]
    [InlineData("json.pyo")]
    [InlineData("json.pyw")]
    [InlineData("json.pyd")]
    [InlineData("json.so")]
    [InlineData("jsonmodule.so")]
    [InlineData("json.abi3.so")]
    [InlineData("json.cpython-311-x86_64-linux-gnu.so")]
    [InlineData("json.cpython-311.pyc")]
    [InlineData("json.pyx")]
    [InlineData("json.zip")]
    [InlineData("json.egg")]
    [InlineData("json.whl")]
    [InlineData("a.pth")]
    [InlineData("a.egg-link")]
    [InlineData("sitecustomize.py")]
    [InlineData("sitecustomize")]
    [InlineData("usercustomize.json")]
    [InlineData("conftest.py")]
    [InlineData("__init__.py")]
    [InlineData("__main__")]
    [InlineData("__main__.json")]
    [InlineData("__pycache__")]
    [InlineData("json.py.")]
    [InlineData("json.py ")]
    [InlineData("json.py.txt")]
    [InlineData("json.so.1")]
    [InlineData("json.ｐｙ")]
    [InlineData("ﬁle.ｐy")]
    public void What_an_import_could_find_is_malformed(string tag) => Malformed(tag).ShouldContain("A callback is data");

    // What other interpreters, shells and tools look for in the directory in which they are started.
    [Theory]
    [InlineData("run.sh")]
    [InlineData("index.js")]
    [InlineData("addon.node")]
    [InlineData("Main.class")]
    [InlineData("Makefile")]
    [InlineData("GNUmakefile")]
    [InlineData("Dockerfile")]
    [InlineData("rules.mk")]
    [InlineData("ansible.cfg")]
    [InlineData("setup.cfg")]
    [InlineData("pytest.ini")]
    [InlineData("pyproject.toml")]
    [InlineData("package.json")]
    [InlineData("package-lock.json")]
    [InlineData("docker-compose.override.yml")]
    [InlineData("compose.yaml")]
    [InlineData("kustomization.yaml")]
    [InlineData("main.tf.json")]
    [InlineData("prod.auto.tfvars.json")]
    [InlineData("requirements.txt")]
    [InlineData("CMakeLists.txt")]
    [InlineData("cdk.json")]
    [InlineData("pom.xml")]
    [InlineData("pylintrc")]
    [InlineData(".env")]
    [InlineData(".git")]
    [InlineData(".bashrc")]
    [InlineData(".npmrc")]
    [InlineData(".pdbrc")]
    [InlineData("libc.so.6")]
    [InlineData("state.pickle")]
    [InlineData("unheard-of.suffix")]
    public void What_a_tool_could_take_for_code_or_settings_is_malformed(string tag) => Malformed(tag).ShouldContain("A callback is data");

    // What tools look up by themselves, of which no list is ever complete: .json and .xml have to say that they report, and mere settings are no form of data.
    [Theory]
    [InlineData("docker-bake.json")]
    [InlineData("wrangler.json")]
    [InlineData("invoke.yaml")]
    [InlineData("invoke.json")]
    [InlineData("Taskfile.dist.yml")]
    [InlineData("MLproject")]
    [InlineData("zappa_settings.json")]
    [InlineData("manifest.yml")]
    [InlineData("werf.yaml")]
    [InlineData("okteto.yml")]
    [InlineData("prefect.yaml")]
    [InlineData("heroku.yml")]
    [InlineData("appveyor.yml")]
    [InlineData("snapcraft.yaml")]
    [InlineData("now.json")]
    [InlineData("phpunit.xml")]
    [InlineData("cypress.json")]
    [InlineData("x.runtimeconfig.json")]
    [InlineData("log4j2.xml")]
    [InlineData("logback.xml")]
    [InlineData("pm2.json")]
    [InlineData("copier.yml")]
    [InlineData("unheard-of.json")]
    [InlineData("unheard-of.xml")]
    [InlineData("unheard-of.yml")]
    [InlineData("unheard-of.yaml")]
    [InlineData("report.yml")]
    [InlineData("status.toml")]
    [InlineData("result.ini")]
    [InlineData("log4j2-test.xml")]
    [InlineData("logback-test.xml")]
    [InlineData("version.json")]
    [InlineData("info.json")]
    [InlineData("x.deps.json")]
    [InlineData("report.config.json")]
    [InlineData("report-settings.json")]
    [InlineData("jest.config.report.json")]
    [InlineData("appsettings.Development.json")]
    [InlineData("appsettings.1.json")]
    [InlineData("renovate.json5")]
    [InlineData("data.json5")]
    [InlineData("AGENTS.md")]
    [InlineData("CLAUDE.md")]
    [InlineData("server.pem")]
    [InlineData("master.key")]
    [InlineData("main.go")]
    [InlineData("deploy.go")]
    [InlineData("PKGBUILD")]
    [InlineData("dune-project")]
    [InlineData("pnpm-workspace")]
    [InlineData("poetry.lock")]
    [InlineData("Kconfig")]
    [InlineData("runtime.txt")]
    [InlineData("dev-requirements.txt")]
    [InlineData("CMakeUserPresets.json")]
    [InlineData("config")]
    [InlineData("config.log")]
    [InlineData("testconfig.local")]
    [InlineData("Docker-Compose")]
    public void What_some_tool_would_look_up_is_malformed_whether_or_not_it_is_known_here(string tag) => Malformed(tag).ShouldContain("A callback is data");

    // A script that says `tar cf x *` or `for f in $(ls)` reads names as options and words.
    [Theory]
    [InlineData("--checkpoint=1")]
    [InlineData("-rf")]
    [InlineData("_x.json")]
    [InlineData("a b.json")]
    [InlineData("a;b.json")]
    [InlineData("$(id).json")]
    [InlineData("`id`")]
    [InlineData("a=b")]
    [InlineData("*.json")]
    [InlineData("a\nb.json")]
    [InlineData("a\u001b[31m.json")]
    [InlineData("a\u202ejson.x")]
    [InlineData("a..json")]
    public void What_a_shell_or_a_terminal_would_read_as_more_than_a_name_is_malformed(string tag) => Malformed(tag).ShouldContain("A callback is data");

    [Fact]
    public void Half_a_character_is_malformed() => Malformed("\ud800.json").ShouldContain("A callback is data");

    [Fact]
    public void No_name_that_python_imports_is_taken_however_it_is_written() =>
        Gen.Select(
            Gen.Char["abzJSON_-.0ü"].Array[0, 6],
            Any("py", "pyc", "so", "pth", "PY", "Pyc", "zip", "egg"),
            Any("", ".", ".1", ".txt", ".json")).Sample((stem, suffix, end) =>
            CallbackTag.Parse($"{new string(stem)}.{suffix}{end}").Refusal is Refusal.Malformed);

    [Theory]
    [InlineData("evil", "deploy.py+evil", true)]
    [InlineData("evil", "deploy.py+EVIL", true)]
    [InlineData("EVIL", "deploy.py+./evil", true)]
    [InlineData("evil", "sub/../evil", true)]
    [InlineData("evil", "evil/main.py", true)]
    [InlineData("evil", "link/evil", true)]
    [InlineData("report.json", "deploy.py+report.json", true)]
    [InlineData("report.json", "report.py", false)]
    [InlineData("evil", "evil.py+devil", false)]
    public void A_script_of_the_run_may_be_named_by_any_way_to_it(string tag, string scripts, bool expected) =>
        CallbackTag.Parse(tag).Value!.IsNamedBy(ScriptList.Parse(scripts).Value!).ShouldBe(expected);

    [Fact]
    public void No_json_or_xml_is_taken_that_names_neither_a_report_nor_a_number() =>
        Gen.Select(Gen.Char["bcfgjkvwxzBKWX_-"].Array[1, 12], Any("json", "xml", "JSON", "yml", "yaml", "toml")).Sample((stem, form) =>
            CallbackTag.Parse($"{new string(stem)}.{form}").Refusal is Refusal.Malformed);

    private static Gen<string> Any(params string[] words) => Gen.Int[0, words.Length - 1].Select(index => words[index]);

    private static string Malformed(string tag) => CallbackTag.Parse(tag).Refusal.ShouldBeOfType<Refusal.Malformed>().Detail;
}
