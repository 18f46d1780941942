using System.Text;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Servo.Application.Archives;
using Servo.Application.Callbacks;
using Servo.Application.Scripts;
using Servo.Domain;
using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Application.Tests.Callbacks;

/// <summary>What comes to a run by its callback address, before its bundle is ready and while a script runs.</summary>
public sealed class DeliverCallbackTests : IDisposable
{
    private readonly CallingBack _reader = new();
    private readonly Core _core;

    public DeliverCallbackTests() => _core = new Core(configure: services => services.AddSingleton<IArchiveReader>(_reader)
        .Configure<ScriptOptions>(scripts => scripts.Interpreters = new Dictionary<string, string> { [".sh"] = "/bin/bash" }));

    public void Dispose() => _core.Dispose();

    [Fact]
    public async Task A_callback_that_comes_before_the_bundle_is_ready_waits_until_it_is()
    {
        Task<Result<DeliveredCallback>>? early = null;
        _reader.OnUnpack = directory =>
        {
            early = SendAsync("early-report.json", "whole");
            File.WriteAllText(Path.Join(directory, "a.py"), "");
            File.WriteAllText(Path.Join(directory, "k.aes"), "x");
            return () => (early.IsCompleted, Directory.GetFiles(directory).Select(Path.GetFileName).Order());
        };
        _core.OnScript = async (script, _, cancellationToken) =>
        {
            (await early!).Value!.Bytes.ShouldBe(5);
            (await File.ReadAllTextAsync(Path.Join(script.WorkingDirectory, "early-report.json"), cancellationToken)).ShouldBe("whole");
            return new ScriptExit(0, false);
        };

        (await _core.RunAsync()).Value!.Failure.ShouldBeNull();

        _reader.Seen.Completed.ShouldBeFalse();
        _reader.Seen.Files.ShouldBe(["a.py", "k.aes"]);
    }

    [Fact]
    public async Task One_that_takes_a_name_which_the_bundle_is_yet_to_fill_is_refused_and_the_run_goes_on()
    {
        Task<Result<DeliveredCallback>>? early = null;
        _reader.OnUnpack = directory =>
        {
            early = SendAsync("last.txt", "of the callback");
            File.WriteAllText(Path.Join(directory, "a.py"), "");
            File.WriteAllText(Path.Join(directory, "last.txt"), "of the bundle");
            return () => (early.IsCompleted, []);
        };
        _core.OnScript = async (script, _, cancellationToken) =>
        {
            (await early!).Refusal.ShouldBe(new Refusal.CallbackTagTaken("last.txt"));
            (await File.ReadAllTextAsync(Path.Join(script.WorkingDirectory, "last.txt"), cancellationToken)).ShouldBe("of the bundle");
            return new ScriptExit(0, false);
        };

        (await _core.RunAsync()).Value!.Failure.ShouldBeNull();
    }

    [Fact]
    public async Task One_that_waits_for_a_bundle_that_never_gets_ready_finds_no_run()
    {
        Task<Result<DeliveredCallback>>? early = null;
        _reader.Fails = new RunFailure.BadArchive("bogus");
        _reader.OnUnpack = _ =>
        {
            early = SendAsync("early-report.json", "x");
            return () => (early.IsCompleted, []);
        };

        (await _core.RunAsync()).Value!.Failure.ShouldBe(new RunFailure.BadArchive("bogus"));

        (await early!).Refusal.ShouldBe(new Refusal.UnknownCallback());
        _core.LiveWorkspaces.ShouldBe(0);
    }

    [Theory]
    [InlineData("evil", "evil")]
    [InlineData("evil", "./evil")]
    [InlineData("EVIL", "evil")]
    [InlineData("evil", "sub/../evil")]
    public async Task The_name_of_a_script_is_taken_before_there_is_such_a_file(string tag, string script)
    {
        _core.OnScript = async (_, _, _) =>
        {
            (await SendAsync(tag, "print('the attacker')")).Refusal.ShouldBe(new Refusal.CallbackTagTaken(tag));
            return new ScriptExit(0, false);
        };

        (await _core.RunAsync($"a.py+{script}")).Value!.Failure.ShouldBe(new RunFailure.MissingScript(script));
        _core.Calls.Count(call => call.StartsWith("run ", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_name_of_code_is_malformed_though_the_run_has_no_such_file()
    {
        _core.OnScript = async (script, _, _) =>
        {
            (await SendAsync("json.py", "x")).Refusal.ShouldBeOfType<Refusal.Malformed>();
            (await SendAsync("b.py", "x")).Refusal.ShouldBe(new Refusal.CallbackTagTaken("b.py"));
            Directory.GetFiles(script.WorkingDirectory).Length.ShouldBe(2);
            return new ScriptExit(0, false);
        };

        (await _core.RunAsync()).Value!.Failure.ShouldBeNull();
    }

    [Fact]
    public async Task A_file_that_came_by_a_callback_is_not_run_though_a_script_gave_it_the_name_of_one()
    {
        _core.OnScript = async (script, _, _) =>
        {
            (await SendAsync("report.json", "print('the attacker')")).Refusal.ShouldBeNull();
            File.Move(Path.Join(script.WorkingDirectory, "report.json"), Path.Join(script.WorkingDirectory, "next.py"));
            return new ScriptExit(0, false);
        };

        (await _core.RunAsync("a.py+next.py")).Value!.Failure.ShouldBe(RunFailure.MissingScript.Delivered("next.py"));
        _core.Calls.ShouldNotContain("run next.py");
    }

    [Theory]
    [InlineData("next.sh", "next.sh")]
    [InlineData("late", "late/__main__.sh")]
    public async Task Nor_is_it_run_by_another_interpreter(string name, string file)
    {
        _core.OnScript = async (script, _, _) =>
        {
            (await SendAsync("report.json", "echo the attacker")).Refusal.ShouldBeNull();
            Directory.CreateDirectory(Path.Join(script.WorkingDirectory, "late"));
            File.Move(Path.Join(script.WorkingDirectory, "report.json"), Path.Join(script.WorkingDirectory, file));
            return new ScriptExit(0, false);
        };

        (await _core.RunAsync($"a.py+{name}")).Value!.Failure.ShouldBe(RunFailure.MissingScript.Delivered(name));
        _core.Calls.ShouldNotContain($"run {file}");
    }

    [Fact]
    public async Task A_file_that_an_earlier_script_wrote_is_run_also_of_what_a_callback_brought()
    {
        _core.OnScript = async (script, _, cancellationToken) =>
        {
            if (script.Path == "a.py")
            {
                (await SendAsync("report.json", "what it brought")).Refusal.ShouldBeNull();
                await File.WriteAllTextAsync(Path.Join(script.WorkingDirectory, "next.py"), "made of what it brought", cancellationToken);
            }

            return new ScriptExit(0, false);
        };

        (await _core.RunAsync("a.py+next.py")).Value!.Failure.ShouldBeNull();
        _core.Calls.ShouldContain("run next.py");
    }

    private Task<Result<DeliveredCallback>> SendAsync(string tag, string text)
    {
        var token = _core.Output.Lines.Last(line => line.StartsWith("$CALLBACK = ", StringComparison.Ordinal)).Split('/')[^1];
        return _core.Get<IMediator>().Send(new DeliverCallback(token, tag, new MemoryStream(Encoding.UTF8.GetBytes(text))));
    }

    /// <summary>Unpacks what a test says, and then looks how far the test's callback has come.</summary>
    private sealed class CallingBack : IArchiveReader
    {
        public Func<string, Func<(bool Completed, IEnumerable<string?> Files)>> OnUnpack { get; set; } = directory =>
        {
            File.WriteAllText(Path.Join(directory, "a.py"), "");
            File.WriteAllText(Path.Join(directory, "b.py"), "else");
            return () => (false, []);
        };

        public RunFailure? Fails { get; set; }

        public (bool Completed, IEnumerable<string?> Files) Seen { get; private set; }

        public Task<StepResult<ArchiveContents>> UnpackAsync(string archivePath, string directory, CancellationToken cancellationToken)
        {
            var seen = OnUnpack(directory)();
            Seen = (seen.Completed, seen.Files.ToArray());
            return Task.FromResult<StepResult<ArchiveContents>>(Fails is null ? new ArchiveContents(2, 0) : Fails);
        }
    }
}
