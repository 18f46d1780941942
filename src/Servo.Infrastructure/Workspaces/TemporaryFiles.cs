using Servo.Application.Workspaces;

namespace Servo.Infrastructure.Workspaces;

/// <summary>Makes temporary files in the host's private directory.</summary>
internal sealed class TemporaryFiles(RuntimeDirectory runtime) : ITemporaryFiles
{
    public FileStream Create() => PrivateFile.CreateTemporary(runtime.Spool);
}
