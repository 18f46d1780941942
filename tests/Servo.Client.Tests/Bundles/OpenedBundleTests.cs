using System.Text.RegularExpressions;
using Servo.Testing;

namespace Servo.Client.Tests.Bundles;

// Runs while nothing else does, as it looks at all that the process has open.
[Collection(nameof(OpenedBundleTests))]
[CollectionDefinition(nameof(OpenedBundleTests), DisableParallelization = true)]
public sealed class OpenedBundleTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public OpenedBundleTests()
    {
        var bytes = new byte[3_000_000];
        new Random(1).NextBytes(bytes);
        File.WriteAllBytes(_directory.File("a.bin"), bytes);
    }

    [Theory]
    [InlineData(SignatureAlgorithm.Sha1)]
    [InlineData(SignatureAlgorithm.Sha256)]
    [InlineData(SignatureAlgorithm.Sha512)]
    public async Task It_is_signed_and_at_its_beginning(SignatureAlgorithm algorithm)
    {
        var bundle = Bundle.FromDirectory(_directory.Path);
        var expected = await bundle.PackAsync();

        using var opened = await bundle.OpenAsync(Sources.Credential, algorithm, [], null, TestContext.Current.CancellationToken);

        using var copy = new MemoryStream();
        await opened.Content.CopyToAsync(copy, TestContext.Current.CancellationToken);
        copy.ToArray().ShouldBe(expected);
        opened.Length.ShouldBe(expected.Length);
        opened.Content.CanSeek.ShouldBeTrue();
        opened.Signature.ShouldBe(Signature.Compute(expected, Sources.Credential, algorithm));
    }

    [Fact]
    public async Task Its_file_is_private_and_has_no_name()
    {
        using var opened = await Bundle.FromDirectory(_directory.Path)
            .OpenAsync(Sources.Credential, SignatureAlgorithm.Sha256, [], null, TestContext.Current.CancellationToken);

        var descriptor = ((FileStream)opened.Content).SafeFileHandle;
        File.GetUnixFileMode(descriptor).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        new FileInfo($"/proc/self/fd/{descriptor.DangerousGetHandle()}").LinkTarget!.ShouldEndWith(" (deleted)");
    }

    [Fact]
    public async Task Nothing_is_left_of_one_that_failed_or_was_cancelled()
    {
        var bundle = Bundle.FromDirectory(_directory.Path);
        using var cancelling = new CancellationTokenSource();

        await Should.ThrowAsync<OperationCanceledException>(
            () => bundle.OpenAsync(Sources.Credential, SignatureAlgorithm.Sha256, [], new Cancel(cancelling), cancelling.Token));
        await Should.ThrowAsync<BundleException>(() => bundle.WithEncrypted("none").OpenAsync(Sources.Credential, SignatureAlgorithm.Sha256, [], null, TestContext.Current.CancellationToken));
        await Should.ThrowAsync<DivideByZeroException>(
            () => bundle.OpenAsync(Sources.Credential, SignatureAlgorithm.Sha256, [], new Throw(), TestContext.Current.CancellationToken));

        Directory.GetFiles("/proc/self/fd").Select(each => new FileInfo(each).LinkTarget ?? "").ShouldNotContain(
            each => Regex.IsMatch(each, @"/servo-\w{6} \(deleted\)$"));
    }

    [Fact]
    public async Task A_destination_that_fails_ends_the_packing_with_its_own_exception() => await Should.ThrowAsync<DivideByZeroException>(() =>
        Bundle.FromDirectory(_directory.Path).PackAsync(new Broken(), cancellationToken: TestContext.Current.CancellationToken));

    public void Dispose() => _directory.Dispose();

    private sealed class Cancel(CancellationTokenSource source) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => source.Cancel();
    }

    private sealed class Throw : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => throw new DivideByZeroException();
    }

    private sealed class Broken : MemoryStream
    {
        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => throw new DivideByZeroException();
    }
}
