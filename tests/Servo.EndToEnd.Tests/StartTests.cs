using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>How the host starts, and how it says that it cannot: a sentence on standard error, exit code 1, and no stack trace anywhere.</summary>
public sealed class StartTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    [Fact]
    public async Task A_port_in_use_is_a_sentence()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        await ShouldNotStartAsync($"{taken.LocalEndpoint}", [], "--urls", $"http://{taken.LocalEndpoint}");
    }

    [Theory]
    [InlineData("banana")]
    [InlineData("http://127.0.0.1:99999")]
    [InlineData("http://127.0.0.1:5000/path")]
    [InlineData("ftp://127.0.0.1:0")]
    // An address of documentation (RFC 5737), which no machine has.
    [InlineData("http://192.0.2.7:5000")]
    [InlineData("http://256.1.1.1:0")]
    [InlineData("http://[::1:0")]
    [InlineData("http://localhots:0")]
    [InlineData("http://servo.example:0")]
    [InlineData("http://5000")]
    [InlineData("http://unix:/no/such/folder/servo.sock")]
    public Task An_address_that_cannot_be_listened_on_is_named(string url) => ShouldNotStartAsync(url, [], "--urls", url);

    [Theory]
    [InlineData("Kestrel__Endpoints__A__Certificate__Path=/no/such.pfx", "Kestrel:Endpoints:A:Certificate:Path: there is no file '/no/such.pfx'")]
    [InlineData("Kestrel__Endpoint__A__Url=http://127.0.0.1:0", "Kestrel:Endpoint:A:Url is not a setting of Kestrel. Did you mean Kestrel:Endpoints:A:Url?")]
    [InlineData("Kestrel__EndpointDefaults__Protocols=Http4", "Kestrel:EndpointDefaults:Protocols must be one of")]
    [InlineData("Kestrel__EndpointDefaults__Protocols=Http3", "HTTP/3")]
    [InlineData("Kestrel__Endpoints__A__Protocols=Http1", "The endpoint A is missing the required 'Url' parameter")]
    [InlineData("Kestrel__Endpoints__A__Url=http://localhots:0", "Kestrel:Endpoints:A:Url: 'http://localhots:0' must name an IP address")]
    [InlineData("HTTP_PORTS=banana", "http_ports: 'banana' is not a port")]
    [InlineData("Logging__Console__FormatterName=nope", "Logging:Console:FormatterName must be one of simple, systemd, json")]
    [InlineData("Logging__LogLevel__Default=Loud", "Logging:LogLevel:Default must be one of")]
    [InlineData("Servo__Workspace__Root=/proc", "Servo:Workspace:Root '/proc' cannot hold runs")]
    public Task A_setting_of_the_server_s_that_does_not_do_is_named(string setting, string expected) =>
        ShouldNotStartAsync(expected, [setting], "--urls", "http://127.0.0.1:0");

    [Fact]
    public Task A_misspelt_setting_is_named_with_the_one_that_is_near() =>
        ShouldNotStartAsync("Servo:Upload:MaxBytes is not a setting. Did you mean Servo:Uploads:MaxBytes?", ["Servo__Upload__MaxBytes=5"]);

    [Theory]
    [InlineData("Servo__Scripts__Interpreters__js=no-such-node",
        "Servo:Scripts:Interpreters:js: 'no-such-node' was not found in PATH (")]
    [InlineData("Servo__Scripts__Interpreters__.sh=/etc/passwd",
        "Servo:Scripts:Interpreters:.sh: '/etc/passwd' is a file that cannot be executed.")]
    [InlineData("Servo__Scripts__Interpreters__.sh=/bin/bash -e", "Servo:Scripts:Interpreters:.sh: '/bin/bash -e' has arguments")]
    [InlineData("Servo__Scripts__Environment__LD_PRELOAD=/x.so", "Servo:Scripts:Environment:LD_PRELOAD is reserved: it steers the loader")]
    [InlineData("Servo__Scripts__Environment__KEY=edAZR8atfOahd7tfPnVo3xpJX+ks6wsV",
        "Servo:Scripts:Environment:KEY holds a token of Servo")]
    [InlineData("Servo__Scripts__PassThrough=S*", "Servo:Scripts:PassThrough: 'S*' covers SERVO_*")]
    [InlineData("Servo__Scripts__PassThrough__0=Servo__Token", "Servo:Scripts:PassThrough: 'Servo__Token' is reserved")]
    public async Task What_scripts_must_not_get_keeps_the_host_from_starting(string setting, string expected) =>
        (await ShouldNotStartAsync(expected, [setting], "--urls", "http://127.0.0.1:0")).Error.ShouldNotContain(Gateway.Token);

    [Fact]
    public Task The_token_of_a_pod_is_kept_from_scripts_as_well() =>
        ShouldNotStartAsync(
            "Servo:Scripts:PassThrough: 'pod' covers pod, which holds a token of Servo",
            ["Servo__Token=", "Servo__Scripts__PassThrough=pod", "ochopod_local=true", "ochopod_zk=127.0.0.1:1", """pod={"token": "0123456789abcdef"}"""],
            "--urls", "http://127.0.0.1:0");

    [Fact]
    public async Task A_certificate_with_another_password_is_named()
    {
        await ChildProcess.RunAsync(_folder.Path, "sh", "-c", """
            openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost 2> /dev/null
            openssl pkcs12 -export -in cert.pem -inkey key.pem -out cert.pfx -passout pass:right
            """);
        var certificate = _folder.File("cert.pfx");

        await ShouldNotStartAsync(certificate, ["Kestrel__Endpoints__A__Url=https://127.0.0.1:0",
            $"Kestrel__Endpoints__A__Certificate__Path={certificate}", "Kestrel__Endpoints__A__Certificate__Password=wrong"]);
    }

    [Theory]
    [InlineData("""{ "Servo": """, "appsettings.json': it is not valid JSON (line 1")]
    [InlineData(null, "appsettings.json' is a directory")]
    public async Task Settings_that_cannot_be_read_are_named(string? text, string expected)
    {
        var host = _folder.File("host");
        await ChildProcess.RunAsync("/", "cp", "-r", Path.GetDirectoryName(Gateway.HostAssembly)!, host);
        File.Delete(Path.Join(host, "appsettings.json"));

        if (text is null)
            Directory.CreateDirectory(Path.Join(host, "appsettings.json"));
        else
            await File.WriteAllTextAsync(Path.Join(host, "appsettings.json"), text, TestContext.Current.CancellationToken);

        ShouldBeASentence(await StartAsync(Path.Join(host, "Servo.WebHost.dll"), [], "--urls", "http://127.0.0.1:0"), expected);
    }

    [Fact]
    public async Task A_part_of_the_program_that_is_missing_is_named()
    {
        var host = _folder.File("host");
        await ChildProcess.RunAsync("/", "cp", "-r", Path.GetDirectoryName(Gateway.HostAssembly)!, host);
        File.Delete(Path.Join(host, "Servo.Infrastructure.dll"));

        ShouldBeASentence(await StartAsync(Path.Join(host, "Servo.WebHost.dll"), []), "Servo.Infrastructure");
    }

    [Fact]
    public Task The_token_of_a_pod_follows_the_same_rule() =>
        ShouldNotStartAsync(
            "The token in the settings of the variable pod starts or ends with white space",
            ["Servo__Token=", "ochopod_local=true", "ochopod_zk=127.0.0.1:1", """pod={"token": " 0123456789abcdef"}"""],
            "--urls", "http://127.0.0.1:0");

    [Theory]
    [InlineData("--hlep", "'--hlep' is not an option of the host. Did you mean --help?")]
    [InlineData("--ulrs=http://127.0.0.1:0", "'--ulrs' is not an option of the host. Did you mean --urls?")]
    [InlineData("banana", "word 1 of the command line is not an option")]
    [InlineData("-v", "'-v' is not an option")]
    [InlineData("--urls", "'--urls' has no value")]
    [InlineData("--Srevo:Token=hush", "'--Srevo:Token' is not an option of the host. Did you mean --Servo?")]
    public async Task A_word_that_is_no_option_is_refused(string word, string expected) =>
        (await ShouldNotStartAsync(expected, [], word)).Error.ShouldNotContain("hush");

    [Fact]
    public async Task Tells_its_options_and_its_version_without_starting()
    {
        var help = await StartAsync(Gateway.HostAssembly, [], "--help");
        var version = await StartAsync(Gateway.HostAssembly, [], "--urls", "banana", "--version");

        (help.ExitCode, help.Error).ShouldBe((0, ""));
        help.Output.ShouldStartWith("usage: ");
        help.Output.ShouldContain("--Servo:TokenFile");
        (version.ExitCode, version.Error).ShouldBe((0, ""));
        version.Output.ShouldMatch(@"^Servo [0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?\n$");
    }

    [Fact]
    public async Task Logs_what_was_started()
    {
        await using var gateway = await Gateway.StartAsync(("Servo__Portal__Mode", "Embedded"), ("Servo__Token", "short"));
        var directory = gateway.RuntimeDirectory;
        await gateway.StopAsync();

        var line = gateway.Log.Split('\n').Single(line => line.Contains("Servo 0.", StringComparison.Ordinal));
        line.ShouldContain($"listens on {gateway.Url}");
        line.ShouldContain("a simulated cluster");
        line.ShouldContain($"interpreter {await Python.ExecutableAsync()}");
        line.ShouldContain($"workspace {directory}");
        gateway.Log.ShouldContain("warn: ");
        gateway.Log.ShouldContain("THE CLUSTER IS SIMULATED");
        gateway.Log.ShouldContain("only 5 characters");
        gateway.Log.Contains("runs as root", StringComparison.Ordinal).ShouldBe(Environment.IsPrivilegedProcess);
    }

    [Fact]
    public async Task Says_that_it_does_not_read_the_clients_variable()
    {
        await using var gateway = await Gateway.StartAsync(("Servo__Token", ""), ("SERVO_TOKEN", Gateway.Token));
        await gateway.StopAsync();

        gateway.Log.ShouldContain("SERVO_TOKEN is set, but it is the clients' variable");
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public async Task A_line_ending_behind_the_token_is_no_part_of_it(string ending)
    {
        await using var gateway = await Gateway.StartAsync(("Servo__Token", Gateway.Token + ending));
        using var caller = new Caller(gateway).With("a.py", "");

        (await caller.RunAsync("a.py")).Ok.ShouldBeTrue();
    }

    [Fact]
    public async Task The_token_may_come_from_a_file()
    {
        var file = _folder.Write("token", Gateway.Token + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        await using var gateway = await Gateway.StartAsync(("Servo__Token", ""), ("Servo__TokenFile", file));
        using var caller = new Caller(gateway).With("a.py", "");

        (await caller.RunAsync("a.py")).Ok.ShouldBeTrue();

        await gateway.StopAsync();
        gateway.Log.ShouldContain($"'{file}' can be read or written by every user");
        gateway.Log.ShouldNotContain("Servo token for this start");
        gateway.Log.ShouldNotContain(Gateway.Token);
    }

    [Fact]
    public async Task Serves_on_a_Unix_socket_which_is_no_address_of_callbacks()
    {
        var socket = _folder.File("servo.sock");
        await using var gateway = await Gateway.StartAsync(
            ("Kestrel__Endpoints__A__Url", $"http://unix:{socket}"), ("Kestrel__Endpoints__B__Url", "http://127.0.0.1:0"));
        using var caller = new Caller(gateway).With("a.py", "import os\nprint(os.environ.get('CALLBACK'))\n");

        var answer = await caller.RunAsync("a.py", "--unix-socket", socket);

        answer.Ok.ShouldBeTrue(answer.Body);
        answer.LogAfterVariables[0].ShouldStartWith($"{gateway.Url}/callback/");
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<ProcessResult> ShouldNotStartAsync(string expected, string[] settings, params string[] arguments)
    {
        var result = await StartAsync(Gateway.HostAssembly, settings, arguments);
        ShouldBeASentence(result, expected);
        return result;
    }

    private static void ShouldBeASentence(ProcessResult result, string expected)
    {
        result.ExitCode.ShouldBe(1, result.Output + result.Error);
        result.Error.ShouldMatch(@"^Servo cannot start: [^\n]+[.?]\n$");
        result.Error.ShouldContain(expected);
        Regex.IsMatch(result.Output + result.Error, @"^   at |Unhandled exception|Exception:", RegexOptions.Multiline).ShouldBeFalse(
            result.Output + result.Error);
    }

    private static Task<ProcessResult> StartAsync(string assembly, string[] settings, params string[] arguments) =>
        ChildProcess.TryAsync("/", "env", [$"Servo__Token={Gateway.Token}", .. settings, "dotnet", assembly, .. arguments]);
}
