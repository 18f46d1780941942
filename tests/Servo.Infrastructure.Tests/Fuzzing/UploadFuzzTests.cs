using Servo.Domain;
using Servo.Fuzzing;
using Servo.Infrastructure.Tests.Uploads;

namespace Servo.Infrastructure.Tests.Fuzzing;

/// <summary>A damaged form is taken or refused, and where it is taken its archive is the same whether it comes at once or byte by byte.</summary>
public sealed class UploadFuzzTests : SpoolTest
{
    [Fact]
    public Task Of_a_form() => Mutations.TryAsync(
        [
            Form(ArchivePart(Text("archive\r\n--XyZ-\r\n"))),
            Form(Part("form-data; name=\"note\"", Text("x")), ArchivePart(RandomBytes(300)), Part("form-data; name=\"other\"; filename=\"b\"", Text("y"))),
            [.. "preamble\r\n"u8, .. Form(Part("form-data; filename*=UTF-8''%e2%82%ac; name=tgz", Text("z"))), .. "epilogue"u8],
        ],
        async form =>
        {
            // The platform's reader takes what stands behind a boundary or not, as it comes in pieces: then one of the two is refused.
            if (await ArchiveAsync(form, int.MaxValue) is { } whole && await ArchiveAsync(form, 1) is { } inPieces)
                inPieces.ShouldBe(whole);
        });

    private async Task<string?> ArchiveAsync(byte[] form, int pieceSize)
    {
        var result = await SpoolAsync(form, pieceSize: pieceSize);

        var archive = result.TryGet(out _, out var refusal) ? Convert.ToBase64String(await File.ReadAllBytesAsync(SpoolPath, CancellationToken.None)) : null;
        refusal?.ShouldBeOfType<Refusal.Malformed>();
        File.Delete(SpoolPath);
        return archive;
    }
}
