using System.CommandLine;
using Servo.Client;

namespace Servo.Cli.Options;

/// <summary>The algorithm of signatures.</summary>
internal sealed class AlgorithmOption : Option<string>
{
    private static readonly Dictionary<string, SignatureAlgorithm> _algorithms = new(StringComparer.Ordinal)
    {
        ["sha256"] = SignatureAlgorithm.Sha256,
        ["sha512"] = SignatureAlgorithm.Sha512,
        ["sha1"] = SignatureAlgorithm.Sha1,
    };

    public AlgorithmOption() : base("--algorithm")
    {
        Description = "The signature's hash function; sha1 for an original servo.";
        DefaultValueFactory = static _ => "sha256";
        AcceptOnlyFromAmong([.. _algorithms.Keys]);
    }

    public SignatureAlgorithm Read(ParseResult result) => _algorithms[result.GetRequiredValue(this)];
}
