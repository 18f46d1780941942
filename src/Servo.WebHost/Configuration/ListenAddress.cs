using System.Net;

namespace Servo.WebHost.Configuration;

/// <summary>Checks an address to listen on before the server does, whose own words do not name it.</summary>
internal static class ListenAddress
{
    /// <summary>What is wrong with the address, as a sentence; <see langword="null"/> where nothing is.</summary>
    public static string? Problem(string url)
    {
        BindingAddress address;

        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return $"'{url}' is not an address to listen on; write http://HOST:PORT, such as http://0.0.0.0:5000.";
        }

        return address.Scheme.ToUpperInvariant() is not ("HTTP" or "HTTPS") ? $"'{url}' must start with http:// or https://."
            : address.IsUnixPipe ? null
            : address.PathBase.Length > 0 ? $"'{url}' must end with the port: the host has no base path."
            : address.Port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort ? $"'{url}' has no port between 0 and {IPEndPoint.MaxPort}."
            : !IsListenable(address.Host)
                ? $"'{url}' must name an IP address, localhost or * (all addresses): the server would take any other name for all of them."
            : null;
    }

    /// <summary>Whether what is said at an address that is listened on can be read on the way: without TLS, and from other machines.</summary>
    public static bool IsInClear(string url)
    {
        var address = BindingAddress.Parse(url);
        var isHere = address.IsUnixPipe || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(address.Host, out var number) && IPAddress.IsLoopback(number));
        return !isHere && address.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsListenable(string host) =>
        host is "*" or "+" || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out _) && !IsShortened(host));

    /// <summary>127.1 and 5000 are addresses to inet_aton(3), and hardly meant.</summary>
    private static bool IsShortened(string host) => !host.Contains(':', StringComparison.Ordinal) && host.Count(c => c == '.') != 3;
}
