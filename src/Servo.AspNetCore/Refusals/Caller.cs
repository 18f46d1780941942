using System.Net;

namespace Servo.AspNetCore.Refusals;

/// <summary>Who sent a request, as the log names him: an address and a port, behind a trusted proxy those that it tells.</summary>
internal static class Caller
{
    public static string Of(HttpContext context) => Of(context.Connection.RemoteIpAddress, context.Connection.RemotePort);

    public static string Of(IPAddress? address, int port) => address switch
    {
        null => "a Unix socket",
        { IsIPv4MappedToIPv6: true } => new IPEndPoint(address.MapToIPv4(), port).ToString(),
        _ => new IPEndPoint(address, port).ToString(),
    };
}
