using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Servo.Infrastructure.Processes;

namespace Servo.Infrastructure.Scripts;

/// <summary>
/// A request in a file that is in memory only (memfd_create(2)): the process that becomes the script reads it, so that no process above
/// that one ever holds a variable's value. Behind the request that process leaves a word, if it had to start another interpreter.
/// </summary>
internal sealed class RequestFile : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly long _length;

    public RequestFile(ScriptRequest request)
    {
        _file = new SafeFileHandle(Libc.MemoryFile("servo-request"), ownsHandle: true);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(request, SupervisorJson.Default.ScriptRequest);
        RandomAccess.Write(_file, bytes, 0);
        _length = bytes.Length;
    }

    /// <summary>The open file, positioned at its beginning.</summary>
    public int Descriptor => (int)_file.DangerousGetHandle();

    /// <summary>Why a warm supervisor started the script cold; <see langword="null"/> where it did not.</summary>
    public string? ReasonForColdStart()
    {
        Span<byte> reason = stackalloc byte[200];
        var read = RandomAccess.Read(_file, reason, _length);
        return read == 0 ? null : Encoding.UTF8.GetString(reason[..read]).Trim();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
