using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Servo.Application.Portal;
using Servo.Application.Scripts;
using Servo.Domain;
using Servo.Testing;

namespace Servo.Application.Tests.Scripts;

public sealed class ScriptVariablesTests
{
    // Names of this class alone: the environment belongs to the whole process.
    private const string Beginning = "XVT_";

    static ScriptVariablesTests()
    {
        Environment.SetEnvironmentVariable("XVT_HOST", "10.0.0.1");
        Environment.SetEnvironmentVariable("XVT_PORT", "443");
        Environment.SetEnvironmentVariable("XVT_REGION", "of the host");
        Environment.SetEnvironmentVariable("XVL_BEARER", "Bearer the-gateway-s-token");
        Environment.SetEnvironmentVariable("XVP_PRELOAD", "/tmp/x.so");
        Environment.SetEnvironmentVariable("XVN_dotted.name", "x");
    }

    [Fact]
    public async Task Every_script_finds_those_of_the_settings_and_those_of_the_host_that_are_passed_on()
    {
        var (environment, lines) = await SeenAsync(scripts =>
        {
            scripts.Environment = new Dictionary<string, string> { ["ZONE"] = "fixed", ["XVT_REGION"] = "of the settings" };
            scripts.PassThrough = ["XVT_*", "XVT_MISSING", "XVN_*"];
        });

        environment["ZONE"].ShouldBe("fixed");
        (environment["XVT_HOST"], environment["XVT_PORT"], environment["XVT_REGION"]).ShouldBe(("10.0.0.1", "443", "of the settings"));
        environment.Keys.ShouldBe(
            ["ZONE", "WHO", "XVT_HOST", "XVT_PORT", "XVT_REGION", "CALLBACK", "HOME", "TMPDIR", "SERVO_PORTAL_SOCKET", "SERVO_RUN_TOKEN"],
            ignoreOrder: true);
        lines.ShouldContain("$WHO = me");
        string.Join('\n', lines).ShouldNotContain("fixed");
        string.Join('\n', lines).ShouldNotContain("10.0.0.1");
    }

    [Fact]
    public async Task A_name_alone_passes_on_no_other()
    {
        var (environment, _) = await SeenAsync(scripts => scripts.PassThrough = ["XVT_HOST", "xvt_port"]);

        environment.Keys.Where(name => name.StartsWith(Beginning, StringComparison.OrdinalIgnoreCase)).ShouldBe(["XVT_HOST"]);
    }

    [Theory]
    [InlineData("zone")]
    [InlineData("Xvt-Host")]
    public async Task No_caller_sets_one_of_them_and_nothing_is_run(string name)
    {
        using var core = new Core(services => services.Configure<ScriptOptions>(scripts =>
        {
            scripts.Environment = new Dictionary<string, string> { ["ZONE"] = "fixed" };
            scripts.PassThrough = ["XVT_*"];
        }));

        var refusal = (await core.RunAsync("a.py", RunVariables.From([new(name, "the caller's")]).Value)).Refusal;

        refusal.ShouldBeOfType<Refusal.Malformed>().Detail
            .ShouldEndWith("is reserved: the gateway itself gives it to every script. Choose another name.");
        core.Calls.ShouldBe(["spool"]);
        core.LiveWorkspaces.ShouldBe(0);

        // Who has not signed learns nothing of them.
        core.Digest = [1];
        (await core.RunAsync("a.py", RunVariables.From([new(name, "x")]).Value)).Refusal.ShouldBeOfType<Refusal.BadSignature>();
    }

    [Theory]
    [InlineData("PATH",
        "Servo:Scripts:Environment:PATH is reserved: it steers how programs are found and Servo reaches them. Choose another name;")]
    [InlineData("Servo__Token", "Servo:Scripts:Environment:Servo__Token is reserved: it steers how programs are found")]
    [InlineData("HOME", "Servo:Scripts:Environment:HOME is reserved: it steers a run's own folders, or the gateway's server.")]
    [InlineData("LD_PRELOAD", "Servo:Scripts:Environment:LD_PRELOAD is reserved: it steers the loader and the C library.")]
    [InlineData("A-B", "Servo:Scripts:Environment:A-B must be named after a variable")]
    [InlineData("1A", "Servo:Scripts:Environment:1A must be named after a variable")]
    public void A_name_that_is_reserved_is_refused_by_its_key(string name, string problem) =>
        Problem(scripts => scripts.Environment = new Dictionary<string, string> { [name] = "x" }).ShouldStartWith(problem);

    [Theory]
    [InlineData("*",
        "Servo:Scripts:PassThrough: '*' covers SERVO_*, which steers how programs are found and Servo reaches them: write a longer")]
    [InlineData("S*", "Servo:Scripts:PassThrough: 'S*' covers SERVO_*")]
    [InlineData("servo__*", "Servo:Scripts:PassThrough: 'servo__*' covers SERVO_*")]
    [InlineData("PYTH*", "Servo:Scripts:PassThrough: 'PYTH*' covers PYTHON*")]
    [InlineData("Servo__Token",
        "Servo:Scripts:PassThrough: 'Servo__Token' is reserved: it steers how programs are found and Servo reaches them. Remove it;")]
    [InlineData("LD_PRELOAD", "Servo:Scripts:PassThrough: 'LD_PRELOAD' is reserved")]
    [InlineData("CALLBACK", "Servo:Scripts:PassThrough: 'CALLBACK' is reserved")]
    [InlineData("XVP_*",
        "Servo:Scripts:PassThrough: 'XVP_*' covers XVP_PRELOAD, which steers the loader and the C library: name the other")]
    [InlineData("*_HOST", "Servo:Scripts:PassThrough: '*_HOST' must be the name of a variable")]
    [InlineData("X*Y*", "Servo:Scripts:PassThrough: 'X*Y*' must be the name of a variable")]
    [InlineData("X Y", "Servo:Scripts:PassThrough: 'X Y' must be the name of a variable")]
    [InlineData("", "Servo:Scripts:PassThrough: '' must be the name of a variable")]
    public void An_entry_that_would_pass_on_what_is_reserved_is_refused(string entry, string problem) =>
        Problem(scripts => scripts.PassThrough = [entry]).ShouldStartWith(problem);

    [Theory]
    [InlineData("the-gateway-s-token")]
    [InlineData("token=the-gateway-s-token;")]
    [InlineData("portal")]
    public void A_value_that_holds_a_token_is_refused_without_being_shown(string value)
    {
        var problem = Problem(scripts => scripts.Environment = new Dictionary<string, string> { ["ACME_KEY"] = value });

        problem.ShouldBe("Servo:Scripts:Environment:ACME_KEY holds a token of Servo, which scripts must not see: "
            + "give them a credential of their own.");
    }

    [Fact]
    public void So_is_a_variable_of_the_host_that_holds_one() =>
        Problem(scripts => scripts.PassThrough = ["XVL_*"])
            .ShouldBe("Servo:Scripts:PassThrough: 'XVL_*' covers XVL_BEARER, which holds a token of Servo: name the other variables one by one.");

    [Fact]
    public void A_short_token_counts_as_a_whole_only() =>
        Problems(scripts => scripts.Environment = new Dictionary<string, string> { ["ACME_KEY"] = "portals" }).ShouldBeEmpty();

    [Theory]
    [InlineData(".py", "Servo:Scripts:Interpreters:.py: scripts in Python are run by Servo:Scripts:Python; set that instead.")]
    [InlineData("PY", "Servo:Scripts:Interpreters:PY: scripts in Python are run by Servo:Scripts:Python; set that instead.")]
    [InlineData(".tar.sh", "Servo:Scripts:Interpreters:.tar.sh must be named after an ending, such as .sh")]
    [InlineData(".", "Servo:Scripts:Interpreters:. must be named after an ending")]
    [InlineData("a/b", "Servo:Scripts:Interpreters:a/b must be named after an ending")]
    public void What_is_no_ending_is_refused(string ending, string problem) =>
        Problem(scripts => scripts.Interpreters = new Dictionary<string, string> { [ending] = "/bin/bash" }).ShouldStartWith(problem);

    [Theory]
    [InlineData("./bin/bash")]
    [InlineData("bin/bash")]
    [InlineData("")]
    public void An_interpreter_is_absolute_or_a_name(string interpreter) =>
        Problem(scripts => scripts.Interpreters = new Dictionary<string, string> { [".sh"] = interpreter })
            .ShouldBe("Servo:Scripts:Interpreters:.sh must be an absolute path, such as /bin/bash, or a name that is looked up in PATH.");

    [Fact]
    public void An_ending_is_set_once() =>
        Problems(scripts => scripts.Interpreters = new Dictionary<string, string> { [".sh"] = "sh", ["SH"] = "bash" })
            .ShouldAllBe(problem => problem.EndsWith("is set twice, with and without its dot: set it once."));

    private static string Problem(Action<ScriptOptions> configure) => Problems(configure).Single();

    private static IEnumerable<string> Problems(Action<ScriptOptions> configure)
    {
        using var provider = new ServiceCollection().AddApplication().Configure(configure)
            .Configure<GatewayOptions>(gateway => gateway.Token = "the-gateway-s-token")
            .Configure<PortalOptions>(portal => portal.Token = "portal")
            .BuildServiceProvider();

        try
        {
            _ = provider.GetRequiredService<IOptions<ScriptOptions>>().Value;
            return [];
        }
        catch (OptionsValidationException e)
        {
            return e.Failures;
        }
    }

    private static async Task<(IReadOnlyDictionary<string, string> Environment, IReadOnlyList<string> Lines)> SeenAsync(
        Action<ScriptOptions> configure)
    {
        using var core = new Core(services => services.Configure(configure));
        IReadOnlyDictionary<string, string>? seen = null;
        core.OnScript = (script, _, _) =>
        {
            seen = script.Environment;
            return Task.FromResult(new ScriptExit(0, false));
        };

        (await core.RunAsync("a.py", RunVariables.From([new("who", "me")]).Value)).Value!.Failure.ShouldBeNull();
        return (seen!, core.Output.Lines);
    }
}
