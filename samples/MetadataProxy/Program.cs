using Datapath.MetadataProxy;
using Datapath.SampleNode;

return args is [Proxy.Command] ? await Proxy.RunAsync() : await SampleProgram.RunAsync(static stop => new Tour().RunAsync(stop));
