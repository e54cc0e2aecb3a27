namespace Datapath.Hosting;

/// <summary>Opens the engine when the host starts. Register another one to run without a kernel.</summary>
public interface IDatapathFactory
{
    /// <summary>Opens the engine.</summary>
    /// <param name="options">What it is to be.</param>
    IDatapath Open(DatapathOptions options);
}
