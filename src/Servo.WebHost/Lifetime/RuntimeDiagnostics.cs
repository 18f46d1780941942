using System.ComponentModel;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace Servo.WebHost.Lifetime;

/// <summary>
/// Turns the .NET runtime's diagnostics off. By its socket and pipes in TMPDIR every process of the same user, and so every script, could read the host's
/// environment and memory with the tokens in them; so it could in a dump or a trace. The runtime has no setting for it but the environment, and reads that
/// before the program begins: where it says anything else, the program is started anew in its own process.
/// </summary>
internal static unsafe partial class RuntimeDiagnostics
{
    private const string Off = "DOTNET_EnableDiagnostics=0";

    private static readonly string[] _prefixes = ["DOTNET_", "COMPlus_"];

    // What opens a way in, or writes what the process holds to a file: ports, dumps and traces.
    private static readonly string[] _families =
        ["EnableDiagnostics", "Diagnostic", "DefaultDiagnostic", "Dbg", "CreateDump", "EnableCrashReport", "EventPipe", "EnableEventPipe"];

    /// <summary>
    /// Does nothing where the diagnostics are off; else does not return, and the program begins again. In another program than the host it
    /// changes nothing.
    /// </summary>
    /// <exception cref="Win32Exception">The program could not be started anew.</exception>
    /// <exception cref="InvalidOperationException">The diagnostics are on although the environment turns them off.</exception>
    public static void TurnOff()
    {
        if (Assembly.GetEntryAssembly() != typeof(RuntimeDiagnostics).Assembly)
            return;

        var environment = ReadStrings("/proc/self/environ");
        var cleaned = Cleaned(environment);

        if (!environment.SequenceEqual(cleaned))
        {
            // Nobody would answer there any more, and nobody else would delete them.
            Array.ForEach(Endpoints(), File.Delete);
            StartAnew(ReadStrings("/proc/self/cmdline"), cleaned);
        }

        if (Endpoints().FirstOrDefault(Path.Exists) is { } endpoint)
        {
            throw new InvalidOperationException(
                $"The .NET runtime has opened '{endpoint}' for diagnostics, by which scripts could read the tokens, although {Off} is set.");
        }
    }

    /// <summary>The environment without what the runtime's diagnostics heed, and with what turns them off.</summary>
    internal static string[] Cleaned(string[] environment) =>
        environment.Contains(Off) && environment.Count(IsOfDiagnostics) == 1 ? environment : [.. environment.Where(entry => !IsOfDiagnostics(entry)), Off];

    private static bool IsOfDiagnostics(string entry) =>
        _prefixes.FirstOrDefault(prefix => entry.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) is { } found
        && _families.Any(family => entry.AsSpan(found.Length).StartsWith(family, StringComparison.OrdinalIgnoreCase));

    /// <summary>Where the runtime listens by default. The process's id and its start (proc(5), field 22 of stat) tell its files from others'.</summary>
    private static string[] Endpoints()
    {
        var stat = File.ReadAllText("/proc/self/stat");
        var process = $"{Environment.ProcessId}-{stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19]}";
        string[] names = [$"dotnet-diagnostic-{process}-socket", $"clr-debug-pipe-{process}-in", $"clr-debug-pipe-{process}-out"];
        return [.. names.Select(name => Path.Join(Path.GetTempPath(), name))];
    }

    /// <summary>Replaces the program in this process (execve(2)): its id, its descriptors, its directory and its limits stay.</summary>
    private static void StartAnew(string[] arguments, string[] environment)
    {
        var program = File.ResolveLinkTarget("/proc/self/exe", returnFinalTarget: false)?.FullName ?? "/proc/self/exe";
        _ = Execute(Native(program), NativeList(arguments), NativeList(environment));
        throw new Win32Exception(Marshal.GetLastPInvokeError(),
            $"'{program}' could not be started anew without the .NET runtime's diagnostics (set {Off} to need no new start)");
    }

    /// <summary>Strings of bytes, one for one: what is no UTF-8 must come out as it went in.</summary>
    private static string[] ReadStrings(string path) => Encoding.Latin1.GetString(File.ReadAllBytes(path)).Split('\0')[..^1];

    private static byte* Native(string text) => Native(Encoding.UTF8.GetBytes(text));

    private static byte* Native(byte[] bytes)
    {
        var native = (byte*)NativeMemory.AllocZeroed((nuint)bytes.Length + 1);
        bytes.CopyTo(new Span<byte>(native, bytes.Length));
        return native;
    }

    private static byte** NativeList(string[] strings)
    {
        var native = (byte**)NativeMemory.AllocZeroed((nuint)strings.Length + 1, (nuint)sizeof(byte*));

        for (var i = 0; i < strings.Length; i++)
            native[i] = Native(Encoding.Latin1.GetBytes(strings[i]));

        return native;
    }

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true)]
    private static partial int Execute(byte* program, byte** arguments, byte** environment);
}
