using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Servo.Infrastructure.Runs;

/// <summary>One connection with its prepared statements, for one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _statements = new(StringComparer.Ordinal);

    public SqliteSession(string path, bool readOnly)
    {
        var settings = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = readOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
        };

        _connection = new SqliteConnection(settings.ToString());

        try
        {
            _connection.Open();
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>Whether a transaction is open: SQLite itself ends one after some errors.</summary>
    public bool IsInTransaction => raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    /// <summary>Runs one statement and returns how many rows it changed.</summary>
    public int Execute(string statement, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Prepare(statement, parameters).ExecuteNonQuery();

    /// <summary>The first column of the first row; <see langword="null"/> where there is none or it is null.</summary>
    public object? Scalar(string query, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Prepare(query, parameters).ExecuteScalar() is var value and not DBNull ? value : null;

    /// <summary>Reads all rows.</summary>
    public List<T> Rows<T>(Func<SqliteDataReader, T> read, string query, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var rows = new List<T>();
        using var reader = Prepare(query, parameters).ExecuteReader();

        while (reader.Read())
            rows.Add(read(reader));

        return rows;
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
            statement.Dispose();

        _connection.Dispose();
    }

    private SqliteCommand Prepare(string statement, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!_statements.TryGetValue(statement, out var command))
        {
            command = _connection.CreateCommand();
#pragma warning disable CA2100 // Every statement is a constant of this folder, put together from constants at most.
            command.CommandText = statement;
#pragma warning restore CA2100
            _statements.Add(statement, command);

            foreach (var (name, _) in parameters)
                command.Parameters.Add(new SqliteParameter(name, null));
        }

        for (var i = 0; i < parameters.Length; i++)
            command.Parameters[i].Value = parameters[i].Value ?? DBNull.Value;

        return command;
    }
}
