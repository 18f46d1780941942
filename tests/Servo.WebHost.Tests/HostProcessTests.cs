using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Servo.Application;
using Servo.Application.Runs;
using Servo.Application.Workspaces;
using Servo.AspNetCore;
using Servo.Testing;
using Servo.WebHost.Lifetime;

namespace Servo.WebHost.Tests;

/// <summary>What becomes of exceptions.</summary>
public sealed class HostProcessTests : IDisposable
{
    private readonly TempDirectory _root = new();
    private readonly TempDirectory _state = new();
    private readonly RecordedLog _log = new();

    [Fact]
    public async Task A_background_service_that_fails_later_stops_the_host_with_exit_code_1_and_words()
    {
        var (exitCode, error) = await GuardAsync(services => services.AddHostedService<Failing>());

        exitCode.ShouldBe(1);
        error.ShouldBe("Servo ended: the disk is on fire.\n");
        _log.Lines.ShouldContain(line => line.Contains("BackgroundService failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_service_that_cannot_start_is_a_sentence_and_no_stack_trace_in_the_log()
    {
        var (exitCode, error) = await GuardAsync(services => services.AddHostedService<Unstartable>());

        exitCode.ShouldBe(1);
        error.ShouldBe("Servo cannot start: the door is locked.\n");
        _log.Lines.ShouldNotContain(line => line.Contains("Hosting failed to start", StringComparison.Ordinal));
        Directory.GetFileSystemEntries(_root.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_service_that_cannot_stop_does_not_abort_the_host()
    {
        var (exitCode, error) = await GuardAsync(services => services.AddHostedService<Unstoppable>());

        exitCode.ShouldBe(1);
        error.ShouldBe("Servo ended: the key is lost.\n");
    }

    [Theory]
    [InlineData("one\ntwo", "one.")]
    [InlineData("one.", "one.")]
    [InlineData("a\u001b[31mb", "a\uFFFD[31mb.")]
    public void A_sentence_is_one_line_that_steers_no_terminal(string message, string expected) =>
        FailureSentence.Of(new IOException(message)).ShouldBe(expected);

    [Fact]
    public void An_exception_that_no_operator_causes_is_told_with_its_kind() =>
        FailureSentence.Of(new AggregateException(new KeyNotFoundException("no such key"))).ShouldContain("KeyNotFoundException");

    public void Dispose()
    {
        _root.Dispose();
        _state.Dispose();
    }

    private async Task<(int ExitCode, string Error)> GuardAsync(Action<IServiceCollection> configure)
    {
        using var error = new StringWriter { NewLine = "\n" };

        var exitCode = await HostProcess.GuardAsync(
            async start =>
            {
                var builder = WebApplication.CreateBuilder();
                builder.Logging.ClearProviders().AddProvider(_log);
                builder.WebHost.UseUrls("http://127.0.0.1:0");
                builder.AddServo();
                builder.Services.Configure<GatewayOptions>(gateway => gateway.Token = "0123456789abcdef");
                builder.Services.Configure<WorkspaceOptions>(workspace => workspace.Root = _root.Path);
                builder.Services.Configure<StateOptions>(state => state.Root = _state.Path);
                builder.AddStart(start);
                configure(builder.Services);

                await using var app = builder.Build();
                app.MapGateway();
                await app.StartServerAsync();
                start.Complete();
                await app.WaitForEndAsync();
                return 0;
            },
            error);

        return (exitCode, error.ToString());
    }

    private sealed class RecordedLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }

    private sealed class Failing(IHostApplicationLifetime lifetime) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            var started = new TaskCompletionSource();
            lifetime.ApplicationStarted.Register(started.SetResult);
            await started.Task;
            throw new IOException("the disk is on fire");
        }
    }

    private sealed class Unstartable : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new IOException("the door is locked");

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class Unstoppable(IHostApplicationLifetime lifetime) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            lifetime.ApplicationStarted.Register(lifetime.StopApplication);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => throw new IOException("the key is lost");
    }
}
