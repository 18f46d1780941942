using CsCheck;
using Servo.Domain;
using Servo.Infrastructure.Uploads;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Uploads;

public sealed class MalformedFormTests : SpoolTest
{
    private static readonly byte[] _archive = RandomBytes(5_000);

    [Theory]
    [InlineData("multipart/form-data")]
    [InlineData("multipart/form-data; boundary=")]
    [InlineData("multipart/form-data; boundary=\"\"")]
    [InlineData("multipart/form-data; charset=utf-8")]
    [InlineData("multipart/form-data; boundary=a b c")]
    [InlineData("multipart/form-data; ;;=")]
    public async Task A_form_needs_a_boundary(string contentType) =>
        (await MalformedAsync(Form(ArchivePart(_archive)), contentType)).ShouldStartWith("The Content-Type of the form needs a boundary");

    [Fact]
    public async Task A_boundary_has_128_characters_at_most() =>
        (await MalformedAsync(Form(ArchivePart(_archive)), $"multipart/form-data; boundary={new string('b', 129)}")).ShouldStartWith(
            "The Content-Type of the form needs a boundary");

    [Fact]
    public async Task A_form_needs_the_part() =>
        (await MalformedAsync(Form(Part("form-data; name=\"zip\"; filename=\"x\"", _archive)))).ShouldStartWith("The form has no file part named 'tgz'.");

    [Theory]
    [InlineData("form-data; filename=\"tgz\"")]
    [InlineData("attachment; filename=\"tgz\"")]
    [InlineData("form-data; name=\"TGZ\"; filename=\"x\"")]
    [InlineData("not a disposition; = ;")]
    [InlineData("form-data; name=\"=?utf-7?B?dGd6?=\"; filename=\"x\"")]
    public async Task A_part_of_another_name_is_not_the_archive(string disposition) =>
        (await MalformedAsync(Form(Part(disposition, _archive)))).ShouldStartWith("The form has no file part named 'tgz'.");

    [Fact]
    public async Task A_file_without_a_name_is_a_text_field() =>
        (await MalformedAsync(Form(Part("form-data; filename*; name=tgz", _archive)))).ShouldContain("text field");

    [Fact]
    public async Task A_text_field_is_not_a_file_part() =>
        (await MalformedAsync(Form(Part("form-data; name=\"tgz\"", Text("upload.tgz"))))).ShouldContain("text field");

    [Fact]
    public async Task A_form_without_any_part_is_told_so() =>
        (await MalformedAsync(Text("--XyZ--\r\n"))).ShouldStartWith("The form has no file part named 'tgz'.");

    [Fact]
    public async Task A_form_cut_at_any_place_before_its_end_is_damaged()
    {
        var form = Form(Part("form-data; name=\"note\"", Text("x")), ArchivePart(Text("archive")), Part("form-data; name=\"note\"", Text("y")));

        for (var length = 0; length < form.Length - 2; length++)
        {
            (await MalformedAsync(form[..length])).ShouldStartWith("The form is cut short or damaged.", customMessage: $"{length} bytes");
            File.Delete(SpoolPath);
        }
    }

    [Theory]
    [InlineData("no boundary in it")]
    [InlineData("--abc\r\nContent-Disposition: form-data; name=\"tgz\"; filename=\"x\"\r\n\r\nx\r\n--abc--\r\n")]
    [InlineData("--XyZ\r\nno header\r\n\r\nx\r\n--XyZ--\r\n")]
    public async Task Other_text_is_no_form(string body) =>
        (await MalformedAsync(Text(body))).ShouldStartWith("The form is cut short or damaged.");

    [Fact]
    public async Task Endless_headers_are_refused() =>
        await MalformedAsync([.. "--XyZ\r\nX-Long: "u8, .. Text(new string('x', 100_000)), .. "\r\n\r\n\r\n--XyZ--"u8]);

    [Fact]
    public async Task An_endless_preamble_is_refused() =>
        await MalformedAsync([.. new byte[100_000], .. "\r\n"u8, .. Form(ArchivePart(_archive))]);

    [Fact]
    public async Task An_endless_epilogue_is_refused() =>
        await MalformedAsync([.. Form(ArchivePart(_archive)), .. new byte[100_000]]);

    [Fact]
    public async Task Other_parts_of_more_than_a_mebibyte_are_refused_before_the_archive()
    {
        var body = new BodyDouble(Form(Part("form-data; name=\"log\"; filename=\"x\"", new byte[5_000_000]), ArchivePart(_archive)));

        (await SpoolAsync(body)).Refusal.ShouldBeOfType<Refusal.Malformed>().Detail.ShouldStartWith("The form has no file part named 'tgz'.");

        body.Taken.ShouldBeLessThanOrEqualTo(UploadForm.MaxOtherBytes + (64 * 1024));
        File.Exists(SpoolPath).ShouldBeFalse();
    }

    [Fact]
    public async Task Other_parts_of_more_than_a_mebibyte_are_refused_after_the_archive()
    {
        var body = new BodyDouble(Form(ArchivePart(_archive), Part("form-data; name=\"log\"; filename=\"x\"", new byte[5_000_000])));

        (await SpoolAsync(body)).Refusal.ShouldBeOfType<Refusal.Malformed>().Detail.ShouldContain("besides its file part");

        body.Taken.ShouldBeLessThanOrEqualTo(_archive.Length + UploadForm.MaxOtherBytes + (64 * 1024));
    }

    [Fact]
    public async Task Endless_empty_parts_are_refused()
    {
        var parts = Enumerable.Repeat(Part("form-data; name=\"x\"", []), 40_000).ToArray();
        var body = new BodyDouble(Form(parts));

        (await SpoolAsync(body)).Refusal.ShouldBeOfType<Refusal.Malformed>().Detail.ShouldStartWith("The form has no file part named 'tgz'.");

        body.Taken.ShouldBeLessThanOrEqualTo(UploadForm.MaxOtherBytes + (64 * 1024));
    }

    [Fact]
    public async Task Whatever_is_damaged_in_a_form_is_an_answer_and_never_a_fault()
    {
        var form = Form(Part("form-data; name=\"note\"", Text("x")), ArchivePart(Text("archive")));

        await Gen.Select(Gen.Int[0, form.Length - 1], Gen.Byte, Gen.Int[0, 8], Gen.Byte.Array[0, 6]).SampleAsync(
            async (at, value, removed, inserted) =>
            {
                using var folder = new TempDirectory();
                var to = Math.Min(form.Length, at + removed);
                byte[] damaged = [.. form[..at], value, .. inserted, .. form[to..]];

                var result = await NewSpool().WriteAsync(
                    new(new BodyDouble(damaged), FormType), () => folder.File("upload"),
                    System.Security.Cryptography.HashAlgorithmName.SHA1, CancellationToken.None);

                (result.Value is not null || result.Refusal is Refusal.Malformed).ShouldBeTrue();
            },
            iter: 2_000);
    }
}
