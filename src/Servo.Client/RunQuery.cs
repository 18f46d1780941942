namespace Servo.Client;

/// <summary>Which runs <see cref="ServoClient.ListRunsAsync"/> returns, newest first.</summary>
public sealed class RunQuery
{
    /// <summary>Only runs in this state, one of <see cref="RunStates"/>.</summary>
    /// <value><see langword="null"/> (any) by default.</value>
    public string? State { get; set; }

    /// <summary>Only runs of this script.</summary>
    /// <value><see langword="null"/> (any) by default.</value>
    public string? Script { get; set; }

    /// <summary>Only runs that were accepted from this time on.</summary>
    /// <value><see langword="null"/> (no bound) by default.</value>
    public DateTimeOffset? Since { get; set; }

    /// <summary>The size of a page.</summary>
    /// <value><see langword="null"/> (the gateway's default) by default; the gateway allows 1 to 500.</value>
    public int? Limit { get; set; }

    /// <summary>The <see cref="RunPage.Next"/> of the page before.</summary>
    /// <value><see langword="null"/> (the first page) by default.</value>
    public string? After { get; set; }
}
