using System.Collections.Immutable;

namespace Datapath;

/// <summary>
/// The engine that holds services for the programs of a machine. Calls are synchronous (each is a handful of system calls), may come
/// from any thread and are serialized inside.
/// </summary>
public interface IDatapath : IDisposable
{
    /// <summary>
    /// Brings a change in. Each frontend changes in one atomic step: a dial sees the backends of before or of after. What cannot be
    /// applied is reported and leaves its old state in force; everything else is applied.
    /// </summary>
    /// <param name="changes">What to add, replace and remove.</param>
    /// <exception cref="ArgumentException">It names a service twice; nothing was changed.</exception>
    ApplyResult Apply(ChangeSet changes);

    /// <summary>
    /// Makes the engine hold exactly <paramref name="state"/>: what is equal stays untouched, what is not in it is removed, also what an
    /// earlier process left behind.
    /// </summary>
    /// <param name="state">The whole state.</param>
    ApplyResult Replace(DesiredState state);

    /// <summary>Reads back what the engine holds, in the order of the frontends' addresses.</summary>
    ImmutableArray<ProgrammedFrontend> Read();
}
