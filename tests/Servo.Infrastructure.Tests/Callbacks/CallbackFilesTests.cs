using Servo.Application.Callbacks;
using Servo.Infrastructure.Callbacks;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Callbacks;

public sealed class CallbackFilesTests : IDisposable
{
    private readonly CallbackFiles _files = new();
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_the_same_under_any_name()
    {
        var path = _folder.Write("bundle/report.json", "x");
        var identity = Identity(path);
        File.CreateSymbolicLink(_folder.File("bundle/link"), "report.json");
        File.CreateSymbolicLink(_folder.File("bundle/folder"), ".");

        Identity(_folder.File("bundle/link")).ShouldBe(identity);
        Identity(_folder.File("bundle/folder/folder/./link")).ShouldBe(identity);

        File.Move(path, _folder.File("bundle/moved.py"));
        Identity(_folder.File("bundle/moved.py")).ShouldBe(identity);
        _files.Identify(path).ShouldBeNull();
    }

    [Fact]
    public void A_copy_and_a_file_that_takes_the_place_of_a_deleted_one_are_others()
    {
        var path = _folder.Write("report.json", "x");
        var identity = Identity(path);
        File.Copy(path, _folder.File("copy"));
        Identity(_folder.File("copy")).ShouldNotBe(identity);

        // The file system gives the number away again, mostly at once.
        for (var i = 0; i < 50; i++)
        {
            File.Delete(path);
            Identity(_folder.Write("report.json", "y")).ShouldNotBe(identity);
        }
    }

    [Fact]
    public void A_place_is_taken_by_whatever_has_the_name()
    {
        var arrived = _folder.Write("arrived", "x");
        _folder.Write("file", "of the bundle");
        Directory.CreateDirectory(_folder.File("folder"));
        File.CreateSymbolicLink(_folder.File("broken"), "nowhere");

        foreach (var name in new[] { "file", "folder", "broken" })
            _files.TryPlace(arrived, _folder.File(name)).ShouldBeFalse(name);

        _files.TryPlace(arrived, _folder.File("free")).ShouldBeTrue();
        File.ReadAllText(_folder.File("free")).ShouldBe("x");
        File.ReadAllText(_folder.File("file")).ShouldBe("of the bundle");
        File.Exists(_folder.File("nowhere")).ShouldBeFalse();
    }

    [Fact]
    public void A_place_in_a_folder_that_is_gone_is_a_fault() =>
        Should.Throw<IOException>(() => _files.TryPlace(_folder.Write("arrived", "x"), Path.Join(_folder.Path, "gone/x")));

    [Fact]
    public void Only_the_very_file_that_was_put_there_is_replaced()
    {
        var path = _folder.Write("report.json", "first");
        var first = Identity(path);

        _files.TryReplace(_folder.Write("arrived", "second"), path, first).ShouldBeTrue();
        File.ReadAllText(path).ShouldBe("second");

        // A script has a file of its own there now, of the same bytes.
        File.Delete(path);
        _folder.Write("own", "second");
        File.Move(_folder.File("own"), path);
        _files.TryReplace(_folder.Write("arrived", "third"), path, first).ShouldBeFalse();
        File.ReadAllText(path).ShouldBe("second");

        File.Delete(path);
        _files.TryReplace(_folder.Write("arrived", "third"), path, first).ShouldBeFalse();
        File.Exists(path).ShouldBeFalse();
    }

    [Fact]
    public void A_link_to_that_file_is_not_it()
    {
        var identity = Identity(_folder.Write("kept", "first"));
        File.CreateSymbolicLink(_folder.File("report.json"), "kept");

        _files.TryReplace(_folder.Write("arrived", "second"), _folder.File("report.json"), identity).ShouldBeFalse();

        File.ReadAllText(_folder.File("kept")).ShouldBe("first");
        new FileInfo(_folder.File("report.json")).LinkTarget.ShouldBe("kept");
    }

    private FileIdentity Identity(string path) => _files.Identify(path) ?? throw new FileNotFoundException(path);
}
