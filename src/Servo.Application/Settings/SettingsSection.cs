using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Servo.Application.Settings;

/// <summary>A section of the configuration, whose settings are the properties of one options class.</summary>
public abstract class SettingsSection
{
    private protected SettingsSection(string path, Type options)
    {
        OptionsType = options;
        Settings = [.. options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite)
            .Select(property => new Setting($"{path}:{property.Name}", property))];
    }

    /// <summary>The options class.</summary>
    public Type OptionsType { get; }

    /// <summary>Its settings.</summary>
    public IReadOnlyList<Setting> Settings { get; }

    /// <summary>Makes options that have their defaults.</summary>
    public abstract object CreateDefault();

    /// <summary>Sets values of the options wherever they are injected.</summary>
    public abstract void Configure(IServiceCollection services, Action<object> configure);

    /// <summary>
    /// Finds every problem of the options: those of single settings by the attributes of their properties, those between settings by the class as
    /// <see cref="IValidatableObject"/>. Each is a sentence that begins with a key.
    /// </summary>
    public IEnumerable<string> Problems(object options)
    {
        var ofOne = Settings.SelectMany(setting => Problems(setting, options));
        var ofSeveral = options is IValidatableObject rules ? rules.Validate(new ValidationContext(options)) : [];

        return ofOne.Concat(ofSeveral).Select(result => result.ErrorMessage!);
    }

    private static IEnumerable<ValidationResult> Problems(Setting setting, object options)
    {
        var value = setting.Property.GetValue(options);
        var context = new ValidationContext(options) { DisplayName = setting.Key, MemberName = setting.Property.Name };

        return setting.Property.GetCustomAttributes<ValidationAttribute>().Select(rule => rule.GetValidationResult(value, context)).OfType<ValidationResult>();
    }
}

/// <summary>The section of one options class, which also checks the options of an embedding program.</summary>
internal sealed class SettingsSection<T>(string path) : SettingsSection(path, typeof(T)), IValidateOptions<T>
    where T : class, new()
{
    public override object CreateDefault() => new T();

    public override void Configure(IServiceCollection services, Action<object> configure) => services.Configure<T>(configure);

    public ValidateOptionsResult Validate(string? name, T options) =>
        Problems(options).ToList() is { Count: > 0 } problems ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;
}
