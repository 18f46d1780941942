using Servo.Fuzzing;
using Servo.Infrastructure.Tests.Uploads;

namespace Servo.Infrastructure.Tests.Fuzzing;

/// <summary>A damaged form is taken or refused, and the same whether it comes at once or byte by byte.</summary>
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
            var whole = await OutcomeAsync(form, int.MaxValue);
            (await OutcomeAsync(form, 1)).ShouldBe(whole);
        });

    private async Task<string> OutcomeAsync(byte[] form, int pieceSize)
    {
        var result = await SpoolAsync(form, pieceSize: pieceSize);

        var archive = result.TryGet(out _, out var refusal) ? Convert.ToBase64String(await File.ReadAllBytesAsync(SpoolPath, CancellationToken.None)) : refusal.Kind;
        File.Delete(SpoolPath);
        return archive;
    }
}
