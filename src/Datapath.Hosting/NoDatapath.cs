using System.Collections.Immutable;

namespace Datapath.Hosting;

/// <summary>The engine of a host that serves no services.</summary>
internal sealed class NoDatapath : IDatapath
{
    public ApplyResult Apply(ChangeSet changes) => new(0, 0, []);

    public ApplyResult Replace(DesiredState state) => new(0, 0, []);

    public ImmutableArray<ProgrammedFrontend> Read() => [];

    public void Dispose()
    {
        // there is nothing
    }
}
