namespace Servo.WebHost.Configuration;

/// <summary>What the configuration says, as it was read before the host is put together.</summary>
internal sealed class ServoSettings(IReadOnlyDictionary<Type, object> options)
{
    /// <summary>What is wrong, a sentence each.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>What an operator may not have meant, a sentence each.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>The servo token that is set, or that the file of one holds; <see langword="null"/> where there is none.</summary>
    public string? Token { get; set; }

    /// <summary>The one that was drawn as none is set; in use where nobody else, such as the cluster of a pod, has one.</summary>
    public string? DrawnToken { get; set; }

    /// <summary>The options as far as the configuration sets them.</summary>
    public T Get<T>() => (T)options[typeof(T)];
}
