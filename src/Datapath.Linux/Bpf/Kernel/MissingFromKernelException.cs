namespace Datapath.Linux.Bpf;

/// <summary>
/// The object is sound, yet the running kernel lacks something that it needs: it is too old, or was built without. The message says what. An object
/// that declares it weak, or a program that is not enabled, does without.
/// </summary>
/// <remarks>Minimum kernel: none. <see cref="FeatureNotSupportedException"/> is for what the library asks of the kernel; both are a
/// <see cref="PlatformNotSupportedException"/>.</remarks>
public sealed class MissingFromKernelException : PlatformNotSupportedException
{
    internal MissingFromKernelException(string missing, string message)
        : base(message) => Missing = missing;

    /// <summary>
    /// What is missing, by the name that the object has for it: a function or variable of the kernel, a tracepoint, what an iterator walks over, an
    /// option that the kernel was built without.
    /// </summary>
    public string Missing { get; }
}
