using Microsoft.Extensions.Options;
using Servo.Application.Portal;

namespace Servo.Application.Scripts;

/// <summary>Keeps the tokens out of what the operator gives scripts.</summary>
internal sealed class TokenSecrecy(IOptions<GatewayOptions> gateway, IOptions<PortalOptions> portal) : IValidateOptions<ScriptOptions>
{
    public ValidateOptionsResult Validate(string? name, ScriptOptions options) =>
        ScriptVariables.Leaks(options, [Read(() => gateway.Value.Token), Read(() => portal.Value.Token)]).ToList() is { Count: > 0 } problems
            ? ValidateOptionsResult.Fail(problems)
            : ValidateOptionsResult.Success;

    private static string? Read(Func<string> token)
    {
        try
        {
            return token();
        }
        catch (OptionsValidationException)
        {
            // Those options tell their problems themselves, and keep the host from starting.
            return null;
        }
    }
}
