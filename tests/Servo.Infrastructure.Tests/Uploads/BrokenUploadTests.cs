using System.IO.Pipelines;
using System.Security.Cryptography;
using Servo.Application.Uploads;

namespace Servo.Infrastructure.Tests.Uploads;

public sealed class BrokenUploadTests : SpoolTest
{
    [Theory]
    [InlineData(null, 0)]
    [InlineData(null, 1_000_000)]
    [InlineData(FormType, 0)]
    [InlineData(FormType, 20)]
    [InlineData(FormType, 1_000_000)]
    public async Task What_the_server_throws_when_its_client_hangs_up_is_passed_on(string? contentType, int after)
    {
        var fault = new IOException("The client hung up.");
        var form = Form(ArchivePart(RandomBytes(2_000_000)));

        var thrown = await Should.ThrowAsync<IOException>(() => SpoolAsync(new BodyDouble(form[..after]) { Fault = fault }, contentType));

        thrown.ShouldBeSameAs(fault);
    }

    [Fact]
    public async Task A_client_that_hangs_up_behind_the_archive_has_not_sent_a_malformed_form()
    {
        var fault = new IOException("The client hung up.");
        var form = Form(ArchivePart(RandomBytes(1000)));

        var thrown = await Should.ThrowAsync<IOException>(() => SpoolAsync(new BodyDouble(form[..^4]) { Fault = fault }));

        thrown.ShouldBeSameAs(fault);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(FormType)]
    public async Task A_folder_that_is_missing_is_a_fault_and_no_malformed_form(string? contentType) =>
        await Should.ThrowAsync<IOException>(() => NewSpool().WriteAsync(
            new UploadBody(new BodyDouble(Form(ArchivePart([]))), contentType),
            () => Path.Join(SpoolPath, "missing", "upload"),
            HashAlgorithmName.SHA1,
            TestContext.Current.CancellationToken));

    [Theory]
    [InlineData(null)]
    [InlineData(FormType)]
    public async Task Cancelling_ends_an_upload_that_waits_for_its_client(string? contentType)
    {
        using var cancel = new CancellationTokenSource();
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 0));
        await using var body = pipe.Reader.AsStream();

        var spooling = NewSpool().WriteAsync(new UploadBody(body, contentType), () => SpoolPath, HashAlgorithmName.SHA1, cancel.Token);

        // Returns when all of it was read, so that the upload now waits for more.
        await pipe.Writer.WriteAsync(Form(ArchivePart(RandomBytes(500_000))).AsMemory(0, 400_000), TestContext.Current.CancellationToken);
        spooling.IsCompleted.ShouldBeFalse();
        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => spooling);
    }
}
