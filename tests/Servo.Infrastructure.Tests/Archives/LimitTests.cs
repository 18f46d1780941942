using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Archives;

/// <summary>Limits count what is really written, whatever headers declare.</summary>
public sealed class LimitTests : IDisposable
{
    private readonly Inbox _inbox = new();

    public void Dispose() => _inbox.Dispose();

    [Fact]
    public async Task Rejects_more_bytes_than_the_limit()
    {
        _inbox.Limits.MaxBytes = 1_000;

        (await _inbox.ContentsAsync(new TarBuilder().File("a", new string('x', 600)).File("b", new string('x', 400)))).Bytes.ShouldBe(1_000);
        (await _inbox.FailureAsync(new TarBuilder().File("a", new string('x', 600)).File("b", new string('x', 401))))
            .ShouldBe(new RunFailure.ArchiveTooLarge("it unpacks to more than 1000 bytes (Servo:Archives:MaxBytes)"));
    }

    [Fact]
    public async Task Counts_what_is_overwritten_too()
    {
        _inbox.Limits.MaxBytes = 1_000;

        (await _inbox.FailureAsync(new TarBuilder().File("a", new string('x', 600)).File("a", new string('x', 600))))
            .ShouldBeOfType<RunFailure.ArchiveTooLarge>();
    }

    [Fact]
    public async Task Counts_the_bytes_of_hard_links()
    {
        _inbox.Limits.MaxBytes = 1_000;

        (await _inbox.FailureAsync(new TarBuilder().File("a", new string('x', 600)).HardLink("b", "a"))).ShouldBeOfType<RunFailure.ArchiveTooLarge>();
    }

    [Fact]
    public async Task Rejects_more_entries_than_the_limit()
    {
        _inbox.Limits.MaxEntries = 3;
        const string Why = "it holds more than 3 entries (Servo:Archives:MaxEntries)";

        (await _inbox.ContentsAsync(new TarBuilder().File("a").Directory("b").SymbolicLink("c", "a"))).Entries.ShouldBe(3);
        (await _inbox.FailureAsync(new TarBuilder().File("a").File("a").File("a").File("a"))).ShouldBe(new RunFailure.ArchiveTooLarge(Why));
        (await _inbox.FailureAsync(new TarBuilder().Directory(".").Directory(".").Directory(".").Directory("."))).ShouldBe(new RunFailure.ArchiveTooLarge(Why));
    }

    [Fact]
    public async Task Counts_folders_that_no_member_names()
    {
        _inbox.Limits.MaxEntries = 100;
        var deep = string.Join('/', Enumerable.Repeat("d", 200));

        (await _inbox.FailureAsync(new TarBuilder().Gnu('L', deep).File("short"))).ShouldBe(
            new RunFailure.ArchiveTooLarge("it holds more than 100 entries (Servo:Archives:MaxEntries)"));
        (await _inbox.ContentsAsync(new TarBuilder().File("a/b/c/d"))).Entries.ShouldBe(1);
    }

    [Fact]
    public async Task Rejects_a_bomb_long_before_it_has_gone_off()
    {
        // 200 MB of zeros in 200 kB.
        var bomb = new TarBuilder().Entry('0', "zeros", new byte[200_000_000]).ToGzip();

        (await _inbox.FailureAsync(bomb)).ShouldBe(new RunFailure.ArchiveTooLarge("it unpacks to more than 200 times its size (Servo:Archives:MaxRatio)"));
        new FileInfo(_inbox.File("zeros")).Length.ShouldBeLessThan(100_000_000);
    }

    [Fact]
    public async Task Lets_a_small_archive_have_any_ratio()
    {
        var archive = new TarBuilder().File("zeros", new string('\0', 1 << 20)).ToGzip();
        (archive.Length * 200).ShouldBeLessThan(1 << 20);

        (await _inbox.ContentsAsync(archive)).Bytes.ShouldBe(1 << 20);
        (await _inbox.FailureAsync(new TarBuilder().File("zeros", new string('\0', (1 << 20) + 1)))).ShouldBeOfType<RunFailure.ArchiveTooLarge>();
    }

    [Fact]
    public async Task Ends_padding_that_does_not_end()
    {
        _inbox.Limits.MaxBytes = 1_000;
        _inbox.Limits.MaxEntries = 10;

        (await _inbox.FailureAsync(TarBuilder.Gzip(new byte[100_000_000]))).ShouldBeOfType<RunFailure.ArchiveTooLarge>();
    }
}
