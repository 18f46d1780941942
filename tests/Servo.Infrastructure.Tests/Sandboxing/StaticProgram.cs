using Servo.Testing;

namespace Servo.Infrastructure.Tests.Sandboxing;

/// <summary>Compiles a program that needs no library, as one that an archive brings along.</summary>
internal static class StaticProgram
{
    private static readonly SemaphoreSlim _gate = new(1, 1);
    private static (string? WhyNot, byte[] Program)? _compiled;

    /// <summary>Puts the program where it is wanted; says why it could not be compiled.</summary>
    public static async Task<string?> CompileAsync(string source, string target)
    {
        await _gate.WaitAsync();

        try
        {
            _compiled ??= await CompileAsync(source);
        }
        finally
        {
            _gate.Release();
        }

        if (_compiled.Value.WhyNot is null)
        {
            await File.WriteAllBytesAsync(target, _compiled.Value.Program);
            File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return _compiled.Value.WhyNot;
    }

    private static async Task<(string? WhyNot, byte[] Program)> CompileAsync(string source)
    {
        using var folder = new TempDirectory();
        var program = folder.File("program");

        try
        {
            var (code, _, error) = await ChildProcess.TryAsync("cc", ["-static", "-O1", "-o", program, source], new ProcessSettings { WorkingDirectory = folder.Path });
            return code == 0 ? (null, await File.ReadAllBytesAsync(program)) : ($"'cc -static' failed: {error}", []);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return ($"There is no C compiler: {e.Message}.", []);
        }
    }
}
