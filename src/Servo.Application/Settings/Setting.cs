using System.Reflection;

namespace Servo.Application.Settings;

/// <summary>One setting: a property of an options class, and the key that the configuration has it under.</summary>
public sealed record Setting(string Key, PropertyInfo Property);
