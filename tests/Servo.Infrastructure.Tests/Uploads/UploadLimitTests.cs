using Servo.Domain;
using Servo.Infrastructure.Uploads;

namespace Servo.Infrastructure.Tests.Uploads;

public sealed class UploadLimitTests : SpoolTest
{
    // What a form's reader may have read ahead.
    private const int Ahead = 64 * 1024;

    [Theory]
    [InlineData(1)]
    [InlineData(300_000)]
    public async Task An_archive_of_just_the_limit_is_taken(int limit)
    {
        var archive = RandomBytes(limit);
        var form = Form(ArchivePart(archive));

        await ShouldHoldAsync(await SpoolAsync(new BodyDouble(archive), null, null, limit), archive);
        File.Delete(SpoolPath);
        await ShouldHoldAsync(await SpoolAsync(new BodyDouble(archive), null, limit, limit), archive);
        File.Delete(SpoolPath);
        await ShouldHoldAsync(await SpoolAsync(new BodyDouble(form), FormType, null, limit), archive);
        File.Delete(SpoolPath);
        await ShouldHoldAsync(await SpoolAsync(new BodyDouble(form), FormType, form.Length, limit), archive);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(131_071)]
    [InlineData(131_072)]
    [InlineData(300_000)]
    public async Task Reading_stops_one_byte_past_the_limit(int limit)
    {
        var body = new BodyDouble(RandomBytes(5_000_000));

        (await SpoolAsync(body, null, null, limit)).Refusal.ShouldBe(new Refusal.UploadTooLarge(limit, "Servo:Uploads:MaxBytes"));

        body.Taken.ShouldBe(limit + 1);
    }

    [Fact]
    public async Task Reading_a_form_stops_within_a_buffer_of_the_limit()
    {
        const int limit = 300_000;
        var body = new BodyDouble(Form(ArchivePart(RandomBytes(5_000_000))));

        (await SpoolAsync(body, FormType, null, limit)).Refusal.ShouldBe(new Refusal.UploadTooLarge(limit, "Servo:Uploads:MaxBytes"));

        body.Taken.ShouldBeLessThanOrEqualTo(limit + Ahead + 1);
    }

    [Theory]
    [InlineData(null, 1_001)]
    [InlineData(FormType, 1_001 + UploadForm.MaxOtherBytes)]
    public async Task An_announced_length_past_the_limit_is_refused_before_a_byte_is_read(string? contentType, long length)
    {
        var body = new BodyDouble(RandomBytes(10));

        (await SpoolAsync(body, contentType, length, 1_000)).Refusal.ShouldBe(new Refusal.UploadTooLarge(1_000, "Servo:Uploads:MaxBytes"));

        body.Taken.ShouldBe(0);
        File.Exists(SpoolPath).ShouldBeFalse();
    }

    [Theory]
    [InlineData(null)]
    [InlineData(FormType)]
    public async Task A_length_that_was_announced_too_small_does_not_lift_the_limit(string? contentType)
    {
        var body = new BodyDouble(Form(ArchivePart(RandomBytes(500_000))));

        (await SpoolAsync(body, contentType, 10, 1_000)).Refusal.ShouldBe(new Refusal.UploadTooLarge(1_000, "Servo:Uploads:MaxBytes"));

        body.Taken.ShouldBeLessThanOrEqualTo(1_001 + Ahead);
    }

    [Fact]
    public async Task The_largest_limit_there_is_does_not_overflow()
    {
        var archive = RandomBytes(1000);

        await ShouldHoldAsync(await SpoolAsync(new BodyDouble(archive), null, archive.Length, long.MaxValue), archive);
    }
}
