using System.Security.Cryptography;
using System.Text;
using CsCheck;

namespace Servo.Domain.Tests;

public sealed class UploadSignatureTests
{
    private static readonly byte[] _key = Encoding.UTF8.GetBytes("s3cr3t");
    private static readonly byte[] _archive = Encoding.UTF8.GetBytes("archive");
    private static readonly byte[] _sha1 = HMACSHA1.HashData(_key, _archive);
    private static readonly byte[] _sha256 = HMACSHA256.HashData(_key, _archive);
    private static readonly byte[] _sha512 = HMACSHA512.HashData(_key, _archive);

    public static TheoryData<string, string, byte[]> Algorithms => new()
    {
        { "sha1", "SHA1", _sha1 },
        { "sha256", "SHA256", _sha256 },
        { "sha512", "SHA512", _sha512 },
    };

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Each_algorithm_is_read_and_matches_its_digest(string prefix, string name, byte[] digest)
    {
        var signature = UploadSignature.Parse($"{prefix}={Convert.ToHexStringLower(digest)}").Value!;

        signature.Algorithm.ShouldBe(new HashAlgorithmName(name));
        signature.Matches(digest).ShouldBeTrue();
    }

    [Fact]
    public void Hexadecimal_digits_may_be_of_either_case()
    {
        var lower = Convert.ToHexStringLower(_sha256);
        var mixed = string.Concat(lower.Select((c, i) => i % 2 == 0 ? char.ToUpperInvariant(c) : c));

        UploadSignature.Parse($"sha256={lower.ToUpperInvariant()}").Value!.Matches(_sha256).ShouldBeTrue();
        UploadSignature.Parse($"sha256={mixed}").Value!.Matches(_sha256).ShouldBeTrue();
    }

    [Fact]
    public void Blanks_around_the_value_do_not_matter() =>
        UploadSignature.Parse($" \tsha1={Convert.ToHexStringLower(_sha1)} ").Value!.Matches(_sha1).ShouldBeTrue();

    public static TheoryData<string?> Refused { get; } = new(
        null,
        "",
        " ",
        "=",
        "sha1",
        "sha1=",
        Convert.ToHexStringLower(_sha1),
        "=" + Convert.ToHexStringLower(_sha1),
        "SHA1=" + Convert.ToHexStringLower(_sha1),
        "md5=" + Convert.ToHexStringLower(_sha1)[..32],
        "sha384=" + Convert.ToHexStringLower(_sha512)[..96],
        "sha-1=" + Convert.ToHexStringLower(_sha1),
        "sha256=" + Convert.ToHexStringLower(_sha1),
        "sha1=" + Convert.ToHexStringLower(_sha256),
        "sha1= " + Convert.ToHexStringLower(_sha1),
        "sha1 =" + Convert.ToHexStringLower(_sha1),
        "sha1=" + Convert.ToHexStringLower(_sha1)[1..],
        "sha1=" + Convert.ToHexStringLower(_sha1) + "0",
        "sha1=" + Convert.ToHexStringLower(_sha1) + "00",
        "sha1=" + Convert.ToHexStringLower(_sha1)[..39] + "g",
        "sha1=" + Convert.ToHexStringLower(_sha1)[..39] + "١",
        "sha1=" + Convert.ToHexStringLower(_sha1)[..39] + "=",
        "sha1=" + Convert.ToHexStringLower(_sha1) + ",sha256=" + Convert.ToHexStringLower(_sha256));

    [Theory]
    [MemberData(nameof(Refused))]
    public void All_else_is_a_bad_signature(string? header) =>
        UploadSignature.Parse(header).Refusal.ShouldBe(new Refusal.BadSignature());

    [Fact]
    public void A_digest_that_differs_anywhere_does_not_match()
    {
        var signature = UploadSignature.Parse($"sha1={Convert.ToHexStringLower(_sha1)}").Value!;

        Gen.Select(Gen.Int[0, _sha1.Length - 1], Gen.Int[0, 7]).Sample((at, bit) =>
        {
            var other = _sha1.ToArray();
            other[at] ^= (byte)(1 << bit);
            return !signature.Matches(other);
        });
    }

    [Fact]
    public void A_digest_of_another_length_does_not_match()
    {
        var signature = UploadSignature.Parse($"sha1={Convert.ToHexStringLower(_sha1)}").Value!;

        signature.Matches([]).ShouldBeFalse();
        signature.Matches(_sha1.AsSpan(1)).ShouldBeFalse();
        signature.Matches([.. _sha1, 0]).ShouldBeFalse();
    }

    [Fact]
    public void A_digest_is_never_printed()
    {
        var hex = Convert.ToHexStringLower(_sha1);

        UploadSignature.Parse($"sha1={hex}").Value!.ToString()!.ShouldBe("SHA1=…");
    }

    [Fact]
    public void Whatever_the_header_holds_is_an_answer_and_never_a_fault() =>
        Gen.String.Sample(text =>
        {
            UploadSignature.Parse(text).TryGet(out _, out _);
            UploadSignature.Parse($"sha1={text}").TryGet(out _, out _);
        });
}
