using System.Net.Http.Headers;

namespace Servo.Infrastructure.Tests.Uploads;

public sealed class FormUploadTests : SpoolTest
{
    private static readonly byte[] _archive = RandomBytes(200_000);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    [InlineData(int.MaxValue)]
    public async Task The_file_part_named_tgz_is_the_archive(int pieceSize) =>
        await ShouldHoldAsync(await SpoolAsync(Form(ArchivePart(_archive)), FormType, pieceSize), _archive);

    [Fact]
    public async Task A_form_made_by_dotnet_is_read()
    {
        using var file = new ByteArrayContent(_archive);
        using var field = new StringContent("x");
        using var form = new MultipartFormDataContent { { field, "note" }, { file, "tgz", "upload.tgz" } };
        file.Headers.ContentType = new MediaTypeHeaderValue("application/gzip");

        var result = await SpoolAsync(await form.ReadAsByteArrayAsync(), form.Headers.ContentType!.ToString());

        await ShouldHoldAsync(result, _archive);
    }

    [Theory]
    [InlineData("form-data; filename*=UTF-7''%e2%82%ac; name=tgz")]
    [InlineData("form-data; filename=\"=?utf-7?B?eA==?=\"; name=tgz")]
    public async Task A_file_name_that_cannot_be_decoded_does_not_matter(string disposition) =>
        await ShouldHoldAsync(await SpoolAsync(Form(Part(disposition, _archive))), _archive);

    [Fact]
    public async Task A_form_with_a_known_length_is_read()
    {
        var form = Form(ArchivePart(_archive));

        await ShouldHoldAsync(await SpoolAsync(new BodyDouble(form), length: form.Length), _archive);
    }

    [Fact]
    public async Task A_small_form_with_a_known_length_is_read()
    {
        var archive = RandomBytes(100);
        var form = Form(ArchivePart(archive));

        await ShouldHoldAsync(await SpoolAsync(new BodyDouble(form), length: form.Length), archive);
    }

    [Theory]
    [InlineData("Multipart/Form-Data; charset=utf-8; Boundary=\"XyZ\"")]
    [InlineData("multipart/form-data;boundary=XyZ")]
    [InlineData("  multipart/form-data ; boundary=XyZ")]
    public async Task A_content_type_may_be_written_in_any_valid_way(string contentType) =>
        await ShouldHoldAsync(await SpoolAsync(Form(ArchivePart(_archive)), contentType), _archive);

    [Theory]
    [InlineData("form-data; name=tgz; filename=upload.tgz")]
    [InlineData("Form-Data; Name=\"tgz\"; FileName=\"a b;c.tgz\"")]
    [InlineData("form-data; filename=\"upload.tgz\"; name=\"tgz\"")]
    [InlineData("form-data; name=\"tgz\"; filename=\"\"")]
    [InlineData("form-data; name=\"tgz\"; filename=\"größe €.tgz\"")]
    [InlineData("form-data; name=\"tgz\"; filename=\"C:\\dir\\upload.tgz\"")]
    [InlineData("form-data; name=\"tgz\"; filename=\"a\\\"b.tgz\"")]
    [InlineData("form-data; name=\"tgz\"; filename=\"a%22b.tgz\"")]
    [InlineData("form-data; name=\"tgz\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.tgz")]
    public async Task The_part_may_be_named_in_any_valid_way(string disposition) =>
        await ShouldHoldAsync(await SpoolAsync(Form(Part(disposition, _archive))), _archive);

    [Fact]
    public async Task A_text_field_of_the_same_name_is_passed_over() =>
        await ShouldHoldAsync(await SpoolAsync(Form(Part("form-data; name=\"tgz\"", Text("a field")), ArchivePart(_archive))), _archive);

    [Fact]
    public async Task The_first_of_several_archives_is_taken() =>
        await ShouldHoldAsync(await SpoolAsync(Form(ArchivePart(_archive), ArchivePart(RandomBytes(10)))), _archive);

    [Fact]
    public async Task Other_parts_before_and_after_are_read_to_the_end_and_dropped()
    {
        var other = Part("form-data; name=\"log\"; filename=\"x\"", RandomBytes(300_000));
        var body = new BodyDouble(Form(other, ArchivePart(_archive), other, Part("form-data; name=\"TGZ\"; filename=\"x\"", [])));

        await ShouldHoldAsync(await SpoolAsync(body), _archive);

        body.Taken.ShouldBe(Form(other, ArchivePart(_archive), other, Part("form-data; name=\"TGZ\"; filename=\"x\"", [])).Length);
    }

    [Fact]
    public async Task A_preamble_and_an_epilogue_are_dropped() =>
        await ShouldHoldAsync(await SpoolAsync([.. "for old mail readers\r\n"u8, .. Form(ArchivePart(_archive)), .. "the end"u8]), _archive);

    [Fact]
    public async Task A_closing_boundary_needs_no_line_end() =>
        await ShouldHoldAsync(await SpoolAsync(Form(ArchivePart(_archive))[..^2]), _archive);

    [Fact]
    public async Task An_empty_archive_is_spooled() =>
        await ShouldHoldAsync(await SpoolAsync(Form(ArchivePart([]))), []);

    [Fact]
    public async Task An_archive_may_hold_what_looks_like_a_boundary()
    {
        byte[] archive = [.. "\r\n--Xy\r\n--"u8, .. "\r\n\r\n--XyY--\r\n"u8, .. "\r\n--X"u8];

        await ShouldHoldAsync(await SpoolAsync(Form(ArchivePart(archive)), FormType, pieceSize: 1), archive);
    }
}
