using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Archives;

/// <summary>Of members with the same path the last one wins, as with tar.</summary>
public sealed class RepeatedMemberTests : IDisposable
{
    private readonly Inbox _inbox = new();

    public void Dispose() => _inbox.Dispose();

    [Fact]
    public async Task The_last_file_wins()
    {
        var contents = await _inbox.ContentsAsync(new TarBuilder()
            .File("a.txt", "first, and longer", mode: TarBuilder.Executable).File("./a.txt", "second").File(".//a.txt", "third"));

        _inbox.Text("a.txt").ShouldBe("third");
        FileTree.Describe(_inbox.Bundle).Single().ShouldStartWith("f a.txt");
        contents.Entries.ShouldBe(3);
    }

    [Fact]
    public async Task A_file_becomes_a_folder()
    {
        await _inbox.ContentsAsync(new TarBuilder().File("a", "file").Directory("a/").File("a/b", "inside"));

        _inbox.Text("a/b").ShouldBe("inside");
    }

    [Fact]
    public async Task An_empty_folder_becomes_a_file()
    {
        await _inbox.ContentsAsync(new TarBuilder().Directory("a").File("a", "file"));

        _inbox.Text("a").ShouldBe("file");
    }

    [Fact]
    public async Task A_folder_that_comes_again_keeps_what_is_in_it()
    {
        await _inbox.ContentsAsync(new TarBuilder().Directory("a").File("a/b", "inside").Directory("./a/"));

        _inbox.Text("a/b").ShouldBe("inside");
    }

    [Fact]
    public async Task A_folder_with_something_in_it_is_not_replaced()
    {
        (await _inbox.FailureAsync(new TarBuilder().File("a/b", "inside").File("a", "file"))).ShouldBe(
            new RunFailure.UnsafeEntry("a", "would replace a folder that is not empty"));
        (await _inbox.FailureAsync(new TarBuilder().File("c").SymbolicLink("a/b", "../c").SymbolicLink("a", "c"))).ShouldBe(
            new RunFailure.UnsafeEntry("a", "would replace a folder that is not empty"));
    }

    [Fact]
    public async Task A_file_is_not_taken_for_a_folder()
    {
        (await _inbox.FailureAsync(new TarBuilder().File("a", "file").File("a/b", "inside"))).ShouldBe(
            new RunFailure.UnsafeEntry("a/b", "lies below 'a', which is a file of the archive"));
    }

    [Fact]
    public async Task A_hard_link_keeps_what_its_target_was_when_it_came()
    {
        await _inbox.ContentsAsync(new TarBuilder().File("a", "first").HardLink("b", "a").File("a", "second"));

        _inbox.Text("a").ShouldBe("second");
        _inbox.Text("b").ShouldBe("first");
    }

    [Fact]
    public async Task What_tar_appends_to_an_archive_wins()
    {
        var source = Directory.CreateDirectory(Path.Join(_inbox.Root, "source")).FullName;
        await ChildProcess.RunAsync(source, "bash", "-c", "echo old > a; tar cf ../archive a; echo new > a; tar rf ../archive a");

        (await _inbox.UnpackFileAsync(Path.Join(_inbox.Root, "archive"))).Failure.ShouldBeNull();

        _inbox.Text("a").ShouldBe("new\n");
    }
}
