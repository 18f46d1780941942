using CsCheck;

namespace Servo.Domain.Tests;

public sealed class BundlePathTests
{
    [Theory]
    [InlineData("a.py", "a.py")]
    [InlineData("sub/x.py", "sub/x.py")]
    [InlineData("./a.py", "a.py")]
    [InlineData("././a.py", "a.py")]
    [InlineData("sub/./x.py", "sub/x.py")]
    [InlineData("sub//x.py", "sub/x.py")]
    [InlineData("sub///x.py//", "sub/x.py")]
    [InlineData("sub/", "sub")]
    [InlineData("sub/.", "sub")]
    [InlineData(".hidden/.x", ".hidden/.x")]
    [InlineData("...", "...")]
    [InlineData("..a/b..", "..a/b..")]
    [InlineData("a b/ c", "a b/ c")]
    [InlineData("a\\..\\b", "a\\..\\b")]
    public void Drops_what_does_not_change_where_a_path_points(string path, string normal) =>
        BundlePath.Normalize(path).ShouldBe(normal);

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("./")]
    [InlineData(".//.")]
    public void The_bundles_own_directory_is_empty(string path) =>
        BundlePath.Normalize(path).ShouldBe("");

    [Theory]
    [InlineData("/")]
    [InlineData("/etc/passwd")]
    [InlineData("//a")]
    [InlineData("..")]
    [InlineData("../a")]
    [InlineData("a/..")]
    [InlineData("a/../b")]
    [InlineData("./../a")]
    [InlineData("a/b/../../..")]
    [InlineData("a\0")]
    [InlineData("\0")]
    public void An_absolute_path_a_parent_or_a_nul_is_none(string path) =>
        BundlePath.Normalize(path).ShouldBeNull();

    [Fact]
    public void What_is_normal_stays_inside_and_stays_as_it_is() =>
        Gen.Char["ab./\0 "].Array[0, 12].Select(chars => new string(chars)).Sample(path =>
        {
            if (BundlePath.Normalize(path) is not { } normal)
                return path.StartsWith('/') || path.Contains('\0') || path.Split('/').Contains("..");

            return BundlePath.Normalize(normal) == normal
                && Path.GetFullPath(Path.Join("/bundle", normal)) == Path.Join("/bundle", normal).TrimEnd('/')
                && Path.GetFullPath(Path.Join("/bundle", path)).TrimEnd('/') == Path.Join("/bundle", normal).TrimEnd('/');
        });
}
