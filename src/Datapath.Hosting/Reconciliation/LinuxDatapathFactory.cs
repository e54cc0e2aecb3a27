using Datapath.Linux;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>Opens the engine of this machine's kernel.</summary>
internal sealed class LinuxDatapathFactory(ILogger<LinuxDatapath> logger) : IDatapathFactory
{
    public IDatapath Open(DatapathOptions options) => LinuxDatapath.Open(options.ToEngineOptions(), logger);
}
