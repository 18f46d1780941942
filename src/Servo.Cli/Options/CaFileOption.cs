using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Servo.Client;

namespace Servo.Cli.Options;

/// <summary>The authority that issued the gateway's certificate, if this machine does not trust it.</summary>
internal sealed class CaFileOption : Option<string?>
{
    public CaFileOption() : base("--ca-file")
    {
        Description = "Trust only the certificates of this PEM file; the host name is still checked.";
        HelpName = "PEM";
    }

    /// <summary>A client that trusts the file's certificates, or the machine's authorities without a file.</summary>
    public ServoConnection Connect(ParseResult result, Uri url, ServoCredential credential, ServoClientOptions options)
    {
        if (result.GetValue(this) is not { } path)
            return new ServoConnection(new ServoClient(url, credential, options), http: null);

        options.HttpClientSendsUtf8 = true;
        var http = new HttpClient(Handler(Read(path))) { Timeout = Timeout.InfiniteTimeSpan };
        return new ServoConnection(new ServoClient(url, credential, http, options), http);
    }

    private static X509Certificate2Collection Read(string path)
    {
        var certificates = new X509Certificate2Collection();

        try
        {
            certificates.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new UsageException(
                $"The certificates cannot be read from '{path}': {e.Message.TrimEnd('.')}. Check the path and its permissions, and that "
                    + "it is a PEM file.");
        }

        return certificates.Count > 0
            ? certificates
            : throw new UsageException($"'{path}' contains no PEM certificate: name a file with a line 'BEGIN CERTIFICATE'.");
    }

    private static SocketsHttpHandler Handler(X509Certificate2Collection certificates)
    {
        // Private authorities seldom publish revocations; the machine's own are not asked for them either.
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };

        policy.CustomTrustStore.AddRange(certificates);

        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            Expect100ContinueTimeout = TimeSpan.FromSeconds(2),
            RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        };
        handler.SslOptions.CertificateChainPolicy = policy;
        return handler;
    }
}

/// <summary>A client and the handler that it sends through.</summary>
internal sealed class ServoConnection(ServoClient servo, HttpClient? http) : IDisposable
{
    public ServoClient Servo { get; } = servo;

    public void Dispose() => http?.Dispose();
}
