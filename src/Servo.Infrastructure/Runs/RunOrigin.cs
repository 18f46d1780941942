namespace Servo.Infrastructure.Runs;

/// <summary>Names an opening of the database, on one boot of the machine.</summary>
/// <param name="Boot">The boot; empty where the system does not tell.</param>
/// <param name="Opening">The opening.</param>
internal readonly record struct RunOrigin(string Boot, string Opening)
{
    private const string BootId = "/proc/sys/kernel/random/boot_id";

    /// <summary>Names a new opening.</summary>
    public static RunOrigin New() => new(File.Exists(BootId) ? File.ReadAllText(BootId).Trim() : "", Guid.CreateVersion7().ToString("N"));

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static RunOrigin Parse(string text) => text.Split('/') is [var boot, var opening] ? new(boot, opening) : new("", text);

    /// <inheritdoc/>
    public override string ToString() => $"{Boot}/{Opening}";
}
