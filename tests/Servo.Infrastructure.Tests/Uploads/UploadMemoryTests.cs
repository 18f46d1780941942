namespace Servo.Infrastructure.Tests.Uploads;

[Collection<MeasuredAlone>]
public sealed class UploadMemoryTests : SpoolTest
{
    private const long Size = 200L << 20;

    [Theory]
    [InlineData(null)]
    [InlineData(FormType)]
    public async Task A_large_upload_is_not_held_in_memory(string? contentType)
    {
        var source = Folder.File("source");
        var form = Form(ArchivePart([]));
        var end = "\r\n--XyZ--\r\n".Length;

        await using (var file = File.Create(source))
        {
            await file.WriteAsync(form.AsMemory(0, form.Length - end));
            file.SetLength(Size);
            file.Position = Size;
            await file.WriteAsync(form.AsMemory(form.Length - end));
        }

        await using var content = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous);
        var body = new BodyDouble(content);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var result = await SpoolAsync(body, contentType);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        result.Refusal.ShouldBeNull();
        result.Value!.Bytes.ShouldBeGreaterThan(Size - 1000);
        allocated.ShouldBeLessThan(8L << 20);
    }
}
