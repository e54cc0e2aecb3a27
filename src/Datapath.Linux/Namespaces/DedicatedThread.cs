using System.Runtime.ExceptionServices;

namespace Datapath.Linux.Namespaces;

/// <summary>Runs code on a thread that nobody else will ever use, so that it may change what belongs to a thread.</summary>
/// <remarks>
/// A thread per call rather than a worker per namespace: it costs some 100 microseconds, but calls that wait for each other (accept here,
/// connect there) cannot lock up behind one queue, and a namespace that is never disposed leaves no thread behind.
/// </remarks>
internal static class DedicatedThread
{
    internal static T Run<T>(Func<T> function)
    {
        T result = default!;
        ExceptionDispatchInfo? failed = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = function();
            }
            catch (Exception e)
            {
                failed = ExceptionDispatchInfo.Capture(e);
            }
        })
        {
            IsBackground = true, // as the pool's: a blocked call does not keep the process from ending
            Name = "Datapath namespace",
        };
        thread.Start();
        thread.Join();
        failed?.Throw();
        return result;
    }
}
