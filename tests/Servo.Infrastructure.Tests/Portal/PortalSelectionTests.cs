using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Application.Portal;
using Servo.Domain;
using Servo.Infrastructure.Portal;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Portal;

public sealed class PortalSelectionTests
{
    [Fact]
    public async Task Names_the_missing_settings_where_no_portal_is_configured()
    {
        await using var provider = Portals.Provide(_ => { });

        (await provider.Portal().RefusalOfAsync(PortalCalls.Command("ls"))).ShouldBe(new Refusal.PortalUnavailable(
            "no portal is configured: set Servo:Portal:Url (Servo__Portal__Url), or Servo:Portal:Mode=Embedded for a simulated cluster"));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(null, "http://127.0.0.1:9000")]
    [InlineData(PortalMode.Ochothon, "http://127.0.0.1:9000")]
    [InlineData(PortalMode.Ochothon, null)]
    [InlineData(PortalMode.None, "http://127.0.0.1:9000")]
    public async Task Is_that_of_Ochothon_unless_the_options_say_otherwise(PortalMode? mode, string? url)
    {
        await using var provider = Portals.Provide(options => (options.Mode, options.Url) = (mode, url is null ? null : new Uri(url)));

        provider.Portal().ShouldBeOfType<OchothonPortal>();
        provider.Portal().ShouldBeSameAs(provider.Portal());
    }

    [Fact]
    public async Task Says_what_to_call_where_the_simulated_one_is_not_registered()
    {
        await using var provider = Portals.Provide(options => options.Mode = PortalMode.Embedded);

        Should.Throw<InvalidOperationException>(() => provider.Portal()).Message.ShouldEndWith("call AddSimulatedPortal().");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Asks_the_directory_that_a_host_registers_before_or_after(bool before)
    {
        var services = new ServiceCollection();
        var directory = new ConfiguredPortal(Options.Create(new PortalOptions()));

        if (before)
            services.AddSingleton<IPortalDirectory>(directory);

        services.AddApplication().AddInfrastructure();

        if (!before)
            services.AddSingleton<IPortalDirectory>(directory);

        await using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IPortalDirectory>().ShouldBeSameAs(directory);
    }

    [Fact]
    public async Task Logs_no_line_no_token_and_no_signature_even_at_the_lowest_level()
    {
        using var log = new RecordingLog();
        await using var server = await PortalServer.StartAsync("s3cr3t");
        await using var provider = Portals.Provide(
            options => (options.Url, options.Token) = (server.Url, "s3cr3t"),
            services => services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log)));

        await provider.Portal().AnswerToAsync(PortalCalls.Command("deploy secret.yml"));

        log.Lines.ShouldNotContain(line => line.Contains("s3cr3t") || line.Contains("sha1=") || line.Contains("secret.yml"));
    }

    private sealed class RecordingLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Lines.Enqueue($"{state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
