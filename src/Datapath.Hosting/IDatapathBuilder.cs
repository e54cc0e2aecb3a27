using Microsoft.Extensions.DependencyInjection;

namespace Datapath.Hosting;

/// <summary>Adds to a hosted datapath.</summary>
public interface IDatapathBuilder
{
    /// <summary>The host's services.</summary>
    IServiceCollection Services { get; }
}

internal sealed class DatapathBuilder(IServiceCollection services) : IDatapathBuilder
{
    public IServiceCollection Services { get; } = services;
}
