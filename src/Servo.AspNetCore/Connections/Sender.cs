using System.Net;
using System.Net.Sockets;
using Servo.Application.Uploads;

namespace Servo.AspNetCore.Connections;

/// <summary>Names whoever is at the other end of a connection, for limits that are per caller.</summary>
internal static class Sender
{
    /// <summary>A request's caller by its address; the connection is kept for an upload that has its place.</summary>
    public static UploadSender Of(HttpContext context) =>
        new(Of(context.Connection.RemoteIpAddress), () => ConnectionPlaces.Keep(context, ConnectionHold.Upload));

    /// <summary>The IPv4 address, or the /64 of an IPv6 address: one customer has at least that many, so a single one stands for nobody.</summary>
    public static string Of(IPAddress? address) => address switch
    {
        null => "",
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => new IPAddress([.. address.GetAddressBytes().AsSpan(0, 8), .. new byte[8]]).ToString(),
        _ => address.ToString(),
    };
}
