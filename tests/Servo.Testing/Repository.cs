namespace Servo.Testing;

/// <summary>The checkout that the tests were built from.</summary>
public static class Repository
{
    /// <summary>The folder that holds Servo.sln.</summary>
    public static string Root
    {
        get
        {
            var directory = new DirectoryInfo(AppContext.BaseDirectory);

            while (!File.Exists(Path.Join(directory.FullName, "Servo.sln")))
                directory = directory.Parent ?? throw new InvalidOperationException($"There is no Servo.sln above {AppContext.BaseDirectory}.");

            return directory.FullName;
        }
    }
}
