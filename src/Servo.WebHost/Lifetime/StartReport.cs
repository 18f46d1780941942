using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Application.Portal;
using Servo.Application.Scripts;
using Servo.Application.Workspaces;
using Servo.WebHost.Configuration;

namespace Servo.WebHost.Lifetime;

/// <summary>Logs what was started, and what an operator may not have meant.</summary>
internal sealed partial class StartReport(
    IServer server,
    IOptions<GatewayOptions> gateway,
    IOptions<PortalOptions> portalOptions,
    IPortal portal,
    IOptions<ScriptOptions> scripts,
    IWorkspaceFactory workspaces,
    ILogger<StartReport> logger)
{
    private const int ShortToken = 16;

    /// <summary>Called once, when the host listens.</summary>
    public void Write(ServoSettings settings)
    {
        var token = gateway.Value.Token;
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        Log.Started(logger, HostVersion.Text, string.Join(", ", addresses), portal.Description, Interpreters(), workspaces.Location);

        if (portalOptions.Value.EffectiveMode == PortalMode.Embedded)
            Log.Simulated(logger);

        if (Environment.IsPrivilegedProcess && scripts.Value.Users is null)
            Log.Root(logger);

        foreach (var address in addresses.Where(ListenAddress.IsInClear))
            Log.InClear(logger, address);

        if (token.Length < ShortToken)
            Log.ShortToken(logger, token.Length, ShortToken);

        if (token == settings.DrawnToken && Environment.GetEnvironmentVariable("SERVO_TOKEN") is { Length: > 0 })
            Log.ClientVariable(logger);

        foreach (var warning in settings.Warnings)
            Log.Warning(logger, warning);
    }

    private string Interpreters() => string.Join(", ", scripts.Value.Interpreters
        .OrderBy(setting => setting.Key, StringComparer.Ordinal)
        .Select(setting => $"{setting.Key} {InterpreterInUse.Describe(setting.Value)}")
        .Prepend(InterpreterInUse.Describe(scripts.Value.Python)));

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information,
            "Servo {Version} listens on {Addresses}; commands go to {Portal}; interpreter {Interpreter}; workspace {Workspace}")]
        public static partial void Started(ILogger logger, string version, string addresses, string portal, string interpreter, string workspace);

        [LoggerMessage(2, LogLevel.Warning,
            "THE CLUSTER IS SIMULATED (" + PortalOptions.ModeKey + " is Embedded): commands change nothing outside of this process")]
        public static partial void Simulated(ILogger logger);

        [LoggerMessage(3, LogLevel.Warning, "The host runs as root, and so do the scripts, with all that their sandbox does not deny. "
            + "Run it as a user of its own, or give each run one (" + ScriptOptions.UsersKey + ")")]
        public static partial void Root(ILogger logger);

        [LoggerMessage(7, LogLevel.Warning, "{Address} is served in the clear: who is on the way reads scripts, variables and answers. "
            + "Give it a certificate (Kestrel:Endpoints), or let only a proxy with TLS reach it")]
        public static partial void InClear(ILogger logger, string address);

        [LoggerMessage(4, LogLevel.Warning, "The servo token has only {Length} characters, which can be guessed: draw one of at least {Least}")]
        public static partial void ShortToken(ILogger logger, int length, int least);

        [LoggerMessage(5, LogLevel.Warning,
            "SERVO_TOKEN is set, but it is the clients' variable; the host reads Servo__Token, which is not set, and drew a token of its own")]
        public static partial void ClientVariable(ILogger logger);

        [LoggerMessage(6, LogLevel.Warning, "{Warning}")]
        public static partial void Warning(ILogger logger, string warning);
    }
}
