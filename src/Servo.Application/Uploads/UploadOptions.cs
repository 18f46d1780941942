using System.ComponentModel.DataAnnotations;
using Servo.Application.Settings;

namespace Servo.Application.Uploads;

/// <summary>Limits of an upload.</summary>
public sealed class UploadOptions : IValidatableObject
{
    /// <summary>Its section of the configuration.</summary>
    public const string Section = GatewayOptions.Section + ":Uploads";

    /// <summary>The key of <see cref="MaxBytes"/>.</summary>
    public const string MaxBytesKey = Section + ":" + nameof(MaxBytes);

    /// <summary>The key of <see cref="MaxConcurrent"/>.</summary>
    public const string MaxConcurrentKey = Section + ":" + nameof(MaxConcurrent);

    /// <summary>The key of <see cref="Timeout"/>.</summary>
    public const string TimeoutKey = Section + ":" + nameof(Timeout);

    /// <summary>Largest archive, or callback body, in bytes.</summary>
    /// <value>At least 1; default 1 GiB.</value>
    [AtLeast(1)]
    public long MaxBytes { get; set; } = 1L << 30;

    /// <summary>Uploads that may arrive at the same time, before their signatures are known to be right.</summary>
    /// <value>At least 1; default 256.</value>
    [AtLeast(1)]
    public int MaxConcurrent { get; set; } = 256;

    /// <summary>Those of one address (of one /64 of IPv6) among them.</summary>
    /// <value>At least 1; default half of <see cref="MaxConcurrent"/>.</value>
    [AtLeast(1)]
    public int? MaxPerAddress { get; set; }

    /// <summary>Bytes that all of them together may hold on disk.</summary>
    /// <value>At least <see cref="MaxBytes"/>; default eight times that.</value>
    public long? MaxPendingBytes { get; set; }

    /// <summary>How long an upload may take, the wait for its place included.</summary>
    /// <value>From one millisecond to 24 days; default 1 hour.</value>
    [TimeLimit]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The bytes of all once defaults are applied.</summary>
    public long EffectiveMaxPendingBytes => MaxPendingBytes ?? (MaxBytes > long.MaxValue / 8 ? long.MaxValue : 8 * MaxBytes);

    /// <summary>The uploads of one address, once defaults are applied, where there is room for so many in all.</summary>
    public int EffectiveMaxPerAddress(int maxConcurrent) => MaxPerAddress ?? (maxConcurrent + 1) / 2;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MaxPendingBytes < MaxBytes)
            yield return new ValidationResult($"{Section}:{nameof(MaxPendingBytes)} must be at least {MaxBytesKey}.");
    }
}
