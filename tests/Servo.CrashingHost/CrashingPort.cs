using System.Reflection;
using System.Runtime.ExceptionServices;

namespace Servo.CrashingHost;

/// <summary>A port that passes every call on, and is where its host may crash.</summary>
/// <typeparam name="T">The port.</typeparam>
#pragma warning disable CA1852 // DispatchProxy derives from it.
internal class CrashingPort<T> : DispatchProxy
#pragma warning restore CA1852
    where T : class
{
    private static readonly MethodInfo _after =
        typeof(CrashingPort<T>).GetMethods(BindingFlags.NonPublic | BindingFlags.Instance).Single(method => method is { Name: nameof(AfterAsync), IsGenericMethod: true });

    private T _inner = null!;
    private CrashPoint _point = null!;

    public static T Around(T inner, CrashPoint point)
    {
        var port = Create<T, CrashingPort<T>>();
        ((CrashingPort<T>)(object)port)._inner = inner;
        ((CrashingPort<T>)(object)port)._point = point;
        return port;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        _point.Reach(targetMethod!.Name, after: false);

        try
        {
            return targetMethod.Invoke(_inner, args) switch
            {
                Task task when targetMethod.ReturnType.IsGenericType =>
                    _after.MakeGenericMethod(targetMethod.ReturnType.GetGenericArguments()).Invoke(this, [targetMethod.Name, task]),
                Task task => AfterAsync(targetMethod.Name, task),
                var result => result,
            };
        }
        catch (TargetInvocationException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerException!);
            throw;
        }
    }

    private async Task AfterAsync(string method, Task task)
    {
        await task;
        _point.Reach(method, after: true);
    }

    private async Task<TResult> AfterAsync<TResult>(string method, Task<TResult> task)
    {
        var result = await task;
        _point.Reach(method, after: true);
        return result;
    }
}
