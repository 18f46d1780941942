using System.Net;
using System.Net.Sockets;

namespace Servo.Ochopod.Deployment;

/// <summary>Where a pod's machine is: by the metadata service of EC2, or else by the name that the scheduler gives it.</summary>
/// <param name="Ip">Address for others in the cluster.</param>
/// <param name="Public">Address from outside; empty where there is none.</param>
/// <param name="Node">The machine's name.</param>
/// <param name="Framework">What the tools show as the scheduler.</param>
internal sealed record PodAddress(string Ip, string Public, string Node, string Framework)
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(1);

    /// <summary>Finds it, within a few seconds; throws <see cref="PodAddressException"/> where the machine's name leads nowhere.</summary>
    public static async Task<PodAddress> FindAsync(PodEnvironment environment, Uri metadata, TimeProvider time, CancellationToken cancellationToken)
    {
        if (environment.IsLocal)
            return new PodAddress("127.0.0.1", "127.0.0.1", "local", "marathon (debug)");

        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
        {
            BaseAddress = metadata,
            Timeout = Timeout.InfiniteTimeSpan,
        };

        // Outside of EC2 nobody answers, which costs this one second; the others are only asked where somebody did.
        if (await AskAsync(http, "local-ipv4", time, cancellationToken) is { } ip && IPAddress.TryParse(ip, out _))
        {
            return new PodAddress(ip,
                await AskAsync(http, "public-ipv4", time, cancellationToken) ?? "",
                await AskAsync(http, "instance-id", time, cancellationToken) ?? environment.Host,
                "marathon (ec2)");
        }

        return new PodAddress(await ResolveAsync(environment.Host, cancellationToken), "", environment.Host, "marathon");
    }

    private static async Task<string?> AskAsync(HttpClient http, string what, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);

        try
        {
            using var response = await http.GetAsync(
                new Uri($"latest/meta-data/{what}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, either.Token);

            if (!response.IsSuccessStatusCode)
                return null;

            var text = (await response.Content.ReadAsStringAsync(either.Token)).Trim();
            return text.Length is > 0 and < 256 ? text : null;
        }
        catch (Exception e) when ((e is HttpRequestException or IOException or OperationCanceledException) && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task<string> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (host.Length == 0)
            throw new PodAddressException("The address of this machine is not known: the scheduler did not set HOST, and no EC2 metadata service answers.");

        try
        {
            var addresses = await Dns.GetHostAddressesAsync(host, AddressFamily.InterNetwork, cancellationToken);
            return addresses.FirstOrDefault()?.ToString() ?? throw new PodAddressException($"The machine's name '{host}' (HOST) has no IPv4 address.");
        }
        catch (SocketException e)
        {
            throw new PodAddressException($"The machine's name '{host}' (HOST) cannot be resolved: {e.Message}", e);
        }
    }
}
