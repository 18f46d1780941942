using Microsoft.Data.Sqlite;
using Servo.Infrastructure.Files;
using SQLitePCL;

namespace Servo.Infrastructure.Runs;

/// <summary>Turns failures of SQLite into those of files, which the rest of the program tells apart.</summary>
internal static class SqliteFailure
{
    /// <summary>The exception for the callers: of a full disk one that says so by its number.</summary>
    public static Exception Translate(Exception failure) =>
        failure is SqliteException e && IsDiskFull(e) ? new IOException(e.Message, e) { HResult = Errno.NoSpaceLeft } : failure;

    // The second where the index of the write-ahead log cannot grow.
    private static bool IsDiskFull(SqliteException e) => e.SqliteErrorCode == raw.SQLITE_FULL || e.SqliteExtendedErrorCode == raw.SQLITE_IOERR_SHMSIZE;
}
